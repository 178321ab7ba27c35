import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, runSilently } from "../../../../scripts/consumer.ts";
import { nodeRuntimes } from "../../../../scripts/node-runtimes.ts";
import { repository } from "../../../../scripts/workspace.ts";
import { compileProject, compilers, installPacked, writeProject } from "./consumer-project.ts";

const kinds = {
  "an ES module": { type: "module", resolution: "nodenext" },
  "CommonJS, by require()": { type: "commonjs", resolution: "nodenext" },
  "CommonJS, its modules found as before `exports`": { type: "commonjs", resolution: "node10" },
  "for a bundler": { type: "module", resolution: "bundler" },
} as const;

const running = ["an ES module", "CommonJS, by require()"] as const;
const runtimes = nodeRuntimes();
/** Where nothing is installed. */
const elsewhere = mkdtempSync(join(tmpdir(), "bundle-"));
let consumer: Consumer;

beforeAll(() => {
  consumer = installPacked(["express@5", "@types/express@5", "esbuild"]);
  for (const title of running)
    compileProject(consumer, writeProject(consumer, `running ${title}`, "service", kinds[title]), "7");
}, 300_000);
afterAll(() => {
  consumer[Symbol.dispose]();
  rmSync(elsewhere, { recursive: true, force: true });
});

/** Starts a program that reads, rotates, serves and ends by itself, and gives what it says. */
function converse(binary: string, file: string): unknown {
  const root = mkdtempSync(join(elsewhere, "root-"));
  return JSON.parse(runSilently(binary, [file, root], elsewhere));
}

const said = {
  first: "app - function function",
  second: "app-2",
  status: 200,
  mock: "mock - function function",
  masked: "[REDACTED:db]",
  code: true,
};

describe.each(Object.entries(kinds))("a service that is %s", (title, kind) => {
  // TypeScript 7 no longer finds modules that way.
  const able = compilers.filter((version) => kind.resolution !== "node10" || version !== "7");
  test.each(able)(
    "compiles with TypeScript %s, declarations checked",
    (version) => {
      compileProject(consumer, writeProject(consumer, `${title} ${version}`, "service", kind), version);
    },
    130_000,
  );
});

describe.each(runtimes)("on Node $version", ({ binary }) => {
  test.each(running)("a service that is %s runs", (title) => {
    expect(converse(binary, join(consumer.folder, `running ${title}`, "built/service.js"))).toEqual(said);
  });

  test("the ES modules and the CommonJS build work in one process", () => {
    const file = join(consumer.folder, "two-builds.mjs");
    copyFileSync(join(repository, "packages/e2e/consumers/two-builds/two-builds.mjs"), file);
    const printed = "[REDACTED:db/primary]";
    const result = { password: 14, printed, recognized: true, masked: [printed, printed] };
    expect(JSON.parse(runSilently(binary, [file], elsewhere))).toEqual({
      builds: 2,
      results: [result, result, result],
    });
  });
});

test("a service on Express that esbuild has bundled into one ES module runs where nothing is installed", () => {
  const folder = writeProject(consumer, "bundled", "service", kinds["for a bundler"]);
  const file = join(mkdtempSync(join(elsewhere, "dist-")), "service.mjs");
  // What Express is made of calls require(), which esbuild leaves to the user to bring into an ES module.
  const banner =
    '--banner:js=import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);';
  const parameters = ["--bundle", "--platform=node", "--target=node22", "--log-level=warning", "--format=esm", banner];
  runSilently(
    join(consumer.folder, "node_modules/esbuild/bin/esbuild"),
    ["src/service.ts", ...parameters, `--outfile=${file}`],
    folder,
  );
  expect(converse(process.execPath, file)).toEqual(said);
});
