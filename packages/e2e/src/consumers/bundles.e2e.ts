import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, runSilently } from "../../../../scripts/consumer.ts";
import { nodeRuntimes } from "../../../../scripts/node-runtimes.ts";
import { repository } from "../../../../scripts/workspace.ts";
import { compileProject, installPacked, writeProject } from "./consumer-project.ts";

const scripts = join(repository, "packages/e2e/consumers/bundlers");
const example = "../../examples/src/lambda";
/** Where nothing is installed. */
const elsewhere = mkdtempSync(join(tmpdir(), "bundle-"));
let consumer: Consumer;
let entry: string;
/** Bundler and format -> the bundle that an earlier test has made */
const bundled = new Map<string, string>();

beforeAll(() => {
  const plugins = ["commonjs", "json", "node-resolve"].map((plugin) => `@rollup/plugin-${plugin}`);
  consumer = installPacked(["esbuild", "rollup", ...plugins, "webpack"]);
  for (const file of readdirSync(scripts)) copyFileSync(join(scripts, file), join(consumer.folder, file));
  const folder = writeProject(consumer, "function", example, { type: "module", resolution: "bundler" });
  compileProject(consumer, folder, "7");
  entry = join(folder, "built/main.js");
}, 300_000);
afterAll(() => {
  consumer[Symbol.dispose]();
  rmSync(elsewhere, { recursive: true, force: true });
});

/** Writes one file that holds everything, without a word of settings that a user would have to know. */
function bundle(bundler: string, format: "esm" | "cjs", banner = ""): string {
  const file = join(mkdtempSync(join(elsewhere, `${bundler}-`)), `main.${format === "esm" ? "mjs" : "cjs"}`);
  runSilently(process.execPath, [`${bundler}.mjs`, entry, file, format, banner], consumer.folder);
  return file;
}

/** Calls the function twice, in a folder with nothing but its bundle. */
function callTwice(binary: string, file: string, store: "file" | "vault"): unknown {
  const folder = mkdtempSync(join(elsewhere, "task-"));
  copyFileSync(join(scripts, "run.mjs"), join(folder, "run.mjs"));
  const document = join(repository, "packages/examples/src/lambda/tacit.yaml");
  return JSON.parse(runSilently(binary, ["run.mjs", file, store, document], folder));
}

const answer = { statusCode: 200, body: "connected as app" };

describe.each(["esbuild", "rollup", "webpack"])("a function that %s bundles without settings", (bundler) => {
  test.each(["esm", "cjs"] as const)(
    "as %s, optional packages absent, reads a YAML document",
    (format) => {
      const file = bundle(bundler, format);
      bundled.set(`${bundler} ${format}`, file);
      for (const { binary } of nodeRuntimes()) expect(callTwice(binary, file, "file")).toEqual([answer, answer]);
    },
    130_000,
  );

  test("reads Vault by the document of the example", () => {
    const file = bundled.get(`${bundler} cjs`) ?? bundle(bundler, "cjs");
    expect(callTwice(process.execPath, file, "vault")).toEqual([answer, answer]);
  });
});

test("a function that esbuild bundles to an ES module reads Vault, without a banner and with that of docs/bundling.md", () => {
  const banner =
    'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);';
  const plain = bundled.get("esbuild esm") ?? bundle("esbuild", "esm");
  for (const file of [plain, bundle("esbuild", "esm", banner)])
    expect(callTwice(process.execPath, file, "vault")).toEqual([answer, answer]);
});
