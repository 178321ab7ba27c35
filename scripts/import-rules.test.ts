import { describe, expect, test } from "vitest";
import { coreColumn, importRules } from "./import-rules.ts";
import { readSourceTree, type SourceTree, toSourceTree } from "./source-tree.ts";

const entryPoints = {
  "@tacit/core": "packages/core/src/index.ts",
  "@tacit/core/provider": "packages/core/src/provider.ts",
  "@tacit/core/redact": "packages/core/src/redact/index.ts",
  "@tacit/core/testing": "packages/core/src/testing/index.ts",
  "@tacit/providers": "packages/providers/src/index.ts",
  "@tacit/providers/env": "packages/providers/src/env/index.ts",
  "@tacit/providers/file": "packages/providers/src/file/index.ts",
};

/** A workspace that keeps every rule. */
const sound: Readonly<Record<string, string>> = {
  "packages/core/src/index.ts": `
    import { EventEmitter } from "eventemitter3"; import { join } from "node:path"; import type { ZodType } from "zod";
    export { SecretError } from "./error/secret-error.ts";
    export const load = () => import("./config/load-config.ts"); export type Schema = ZodType; export const a = [EventEmitter, join];`,
  "packages/core/src/config/load-config.ts": `import { parse } from "yaml"; import * as z from "zod/mini"; export { parse, z };`,
  "packages/core/src/error/secret-error.ts": `export class SecretError extends Error {}`,
  "packages/core/src/provider.ts": `export { SecretError } from "./error/secret-error.ts"; export type * from "./contract/contract.ts";`,
  "packages/core/src/contract/contract.ts": `import type { Clock } from "../time/clock.ts"; export type Contract = Clock;`,
  "packages/core/src/time/clock.ts": `export type Clock = number;`,
  "packages/core/src/redact/index.ts": `import { Transform } from "node:stream"; export { Transform };`,
  "packages/core/src/redact/redact.test.ts": `import { test } from "vitest"; import "../testing/index.ts"; test("x", () => {});`,
  "packages/core/src/testing/index.ts": `export { SecretError } from "../error/secret-error.ts";`,
  "packages/providers/src/index.ts": `export const adapters = { env: () => import("./env/index.ts"), file: () => import("./file/index.ts") };`,
  "packages/providers/src/env/index.ts": `import { SecretError } from "@tacit/core/provider"; import { read } from "../shared/read.ts";
    export const env = { options: () => import("./options.ts"), SecretError, read };`,
  "packages/providers/src/env/options.ts": `import * as z from "zod/mini"; export const options = z.object({});`,
  "packages/providers/src/env/provider.test.ts": `import "@tacit/core/testing"; import "vitest";`,
  "packages/providers/src/file/index.ts": `export const watch = () => import("chokidar");`,
  "packages/providers/src/shared/read.ts": `export const read = 1;`,
  "packages/express/src/index.ts": `import "@tacit/core"; import "express";`,
  "packages/examples/src/demo/demo.ts": `import "@tacit/core"; import "@tacit/providers/file"; import "./service.ts";`,
  "packages/examples/src/demo/service.ts": `import "pino";`,
};

function sketch(changes: Readonly<Record<string, string>>): SourceTree {
  return toSourceTree({ ...sound, ...changes }, entryPoints);
}

function findings(tree: SourceTree): readonly string[] {
  return importRules.flatMap((rule) => rule.violations(tree).map((line) => `${line}: ${rule.title}`));
}

describe("the sources", () => {
  const tree = readSourceTree();

  test.each(importRules)("$title", (rule) => {
    expect(rule.violations(tree)).toEqual([]);
  });

  test("have a place in the column for each folder of core", () => {
    const sources = [...tree.files.keys()].filter((path) => !/\.(test|test-d)\.ts$/.test(path));
    const folders = sources.flatMap((path) => /^packages\/core\/src\/([^/]+)\//.exec(path)?.[1] ?? []);
    expect([...new Set(folders)].filter((folder) => !coreColumn.includes(folder))).toEqual([]);
  });
});

describe("the rules", () => {
  test("let a sound workspace pass", () => {
    expect(findings(sketch({}))).toEqual([]);
  });

  test.each([
    ["1. the main entry point", "packages/core/src/error/secret-error.ts", `import "node:stream";`],
    ["1. the main entry point", "packages/core/src/error/secret-error.ts", `import "lodash";`],
    ["1. no entry point", "packages/core/src/index.ts", `export * as crypto from "node:crypto";`],
    ["1. no entry point", "packages/core/src/error/secret-error.ts", `import { z } from "zod/mini"; z();`],
    ["1. no entry point", "packages/providers/src/env/index.ts", `import { options } from "./options.ts"; options;`],
    [
      "2. the entry point for adapter authors",
      "packages/core/src/provider.ts",
      `import { clock } from "./time/clock.ts"; clock;`,
    ],
    ["2. the entry point for adapter authors", "packages/core/src/error/secret-error.ts", `import "../time/clock.ts";`],
    [
      "2. testing, conformance and redact",
      "packages/core/src/testing/index.ts",
      `import { expect } from "vitest"; expect;`,
    ],
    ["2. testing, conformance and redact", "packages/core/src/testing/index.ts", `import "node:test";`],
    ["2. testing, conformance and redact", "packages/core/src/testing/index.ts", `import "../redact/index.ts";`],
    [
      "3. an adapter imports the contract",
      "packages/providers/src/file/index.ts",
      `import { watch } from "chokidar"; watch;`,
    ],
    ["3. an adapter imports the contract", "packages/providers/src/file/index.ts", `import "@tacit/core";`],
    ["3. an adapter imports the contract", "packages/providers/src/file/index.ts", `import(process.argv[2]);`],
    ["3. an adapter imports the contract", "packages/providers/src/file/index.ts", `import "zod";`],
    ["3. no adapter imports another", "packages/providers/src/file/index.ts", `import "../env/options.ts";`],
    [
      "3. no adapter imports another",
      "packages/providers/src/file/a.test.ts",
      `import type { A } from "../env/index.ts";`,
    ],
    ["4. the index of providers alone", "packages/providers/src/index.ts", `import "./env/index.ts";`],
    ["4. the index of providers alone", "packages/providers/src/shared/read.ts", `import("../env/index.ts");`],
    ["4. sources import nothing", "packages/core/src/time/clock.ts", `import type { A } from "../../test/clock.ts";`],
    ["5. express and nestjs", "packages/express/src/index.ts", `import "@tacit/providers";`],
    ["5. express and nestjs", "packages/nestjs/src/index.ts", `import "express";`],
    ["5. packages meet at", "packages/examples/src/demo/demo.ts", `import "../../../core/src/index.ts";`],
    ["5. packages meet at", "packages/examples/src/demo/demo.ts", `import "@tacit/core/src/index.ts";`],
    ["5. packages meet at", "packages/core/src/time/clock.ts", `import "@tacit/bench";`],
    ["5. packages meet at", "packages/providers/src/shared/read.ts", `import "../../../e2e/src/writer.ts";`],
    ["6. each folder of core", "packages/core/src/time/clock.ts", `import type { A } from "../contract/contract.ts";`],
    ["6. each folder of core", "packages/core/src/time/clock.ts", `import type { A } from "../provider.ts";`],
  ])("find a breach of: %s (%s: %s)", (title, path, text) => {
    const tree = sketch({ [path]: text });
    const rules = importRules.filter((rule) => rule.title.startsWith(title));
    const found = rules.flatMap((rule) => rule.violations(tree));
    expect(rules).toHaveLength(1);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join("\n")).toMatch(/packages\/.+ imports ".+" \((static|dynamic|type)\)/);
  });

  test.each([
    [
      "two files, by their types alone",
      {
        "packages/core/src/time/clock.ts": `import type { B } from "./timer.ts"; export type Clock = B;`,
        "packages/core/src/time/timer.ts": `import type { Clock } from "./clock.ts"; export type B = Clock;`,
      },
      ["packages/core/src/time/clock.ts <-> packages/core/src/time/timer.ts"],
    ],
    [
      "two folders, by four files",
      {
        "packages/providers/src/shared/http/a.ts": `import "../cloud/a.ts";`,
        "packages/providers/src/shared/cloud/a.ts": `export const a = 1;`,
        "packages/providers/src/shared/cloud/b.ts": `import "../http/b.ts";`,
        "packages/providers/src/shared/http/b.ts": `export const b = 1;`,
      },
      ["packages/providers/src/shared/cloud <-> packages/providers/src/shared/http"],
    ],
    [
      "no folder and the one that it lies in, nor by a test",
      {
        "packages/providers/src/shared/a.ts": `import "./http/a.ts";`,
        "packages/providers/src/shared/http/a.ts": `export const a = 1;`,
        "packages/providers/src/shared/http/b.ts": `import "../b.ts";`,
        "packages/providers/src/shared/b.ts": `export const b = 1;`,
        "packages/providers/src/shared/b.test.ts": `import "./b.test.ts";`,
      },
      [],
    ],
  ])("find a circle of %s", (_which, files, circles) => {
    const rule = importRules.find(({ title }) => title.startsWith("6. no files and no folders"));
    expect(rule?.violations(sketch(files as unknown as Record<string, string>))).toEqual(circles);
  });
});
