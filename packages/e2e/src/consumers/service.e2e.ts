import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, runSilently } from "../../../../scripts/consumer.ts";
import { nodeRuntimes } from "../../../../scripts/node-runtimes.ts";
import { compileProject, compilers, installPacked, writeProject } from "./consumer-project.ts";

const kinds = {
  "an ES module": { type: "module", resolution: "nodenext" },
  "CommonJS, by require()": { type: "commonjs", resolution: "nodenext" },
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
  test.each(compilers)("compiles with TypeScript %s, declarations checked", (version) => {
    compileProject(consumer, writeProject(consumer, `${title} ${version}`, "service", kind), version);
  });
});

describe.each(runtimes)("on Node $version", ({ binary }) => {
  test.each(running)("a service that is %s runs", (title) => {
    expect(converse(binary, join(consumer.folder, `running ${title}`, "built/service.js"))).toEqual(said);
  });

  test.each([
    {
      extension: "mjs",
      peers: "external",
      settings: [
        "--format=esm",
        "--external:@kubernetes/client-node",
        // What Express is made of calls require(), which esbuild leaves to the user to bring into an ES module.
        '--banner:js=import { createRequire } from "node:module"; const require = createRequire("/");',
      ],
    },
    // esbuild warns of a peer that it does not find, and leaves the import in.
    { extension: "cjs", peers: "absent", settings: ["--format=cjs", "--log-level=error"] },
  ])(
    "a service that esbuild has bundled to $extension, optional peers $peers, runs where nothing is installed",
    (way) => {
      const folder = writeProject(consumer, `bundled ${way.extension}`, "service", kinds["for a bundler"]);
      const file = join(mkdtempSync(join(elsewhere, "dist-")), `service.${way.extension}`);
      const esbuild = join(consumer.folder, "node_modules/esbuild/bin/esbuild");
      const parameters = ["--bundle", "--platform=node", "--target=node22", "--log-level=warning", ...way.settings];
      runSilently(esbuild, ["src/service.ts", ...parameters, `--outfile=${file}`], folder);
      expect(converse(binary, file)).toEqual(said);
    },
  );
});
