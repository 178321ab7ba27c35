import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyDeclarations, withoutBundled, withScriptExtensions } from "./declarations.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "declarations-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, "from", file)), { recursive: true });
  writeFileSync(join(folder, "from", file), text);
}

test.each([
  ['export { a } from "./a.ts";', 'export { a } from "./a.js";'],
  ['export type * from "../b/index.ts";', 'export type * from "../b/index.js";'],
  ['import type { A } from "./a.ts";\nexport type B = A;', 'import type { A } from "./a.js";\nexport type B = A;'],
  ['export type C = import("./a.ts").A;', 'export type C = import("./a.js").A;'],
  ['export declare const d: typeof import("./a.ts");', 'export declare const d: typeof import("./a.js");'],
  ['import type { Z } from "zod";\nexport type Y = Z;', 'import type { Z } from "zod";\nexport type Y = Z;'],
  ['export declare const path: "./a.ts";', 'export declare const path: "./a.ts";'],
])("rewrites specifiers and nothing else: %s", (text, expected) => {
  expect(withScriptExtensions(text).text).toBe(expected);
});

test("leaves out what is typed by a bundled package, with its comment, and nothing else", () => {
  const before = [
    'import * as z from "bundled/mini";',
    'import type { C } from "installed";',
    'import type { D } from "./d.ts";',
    'import { type E, f } from "./e.ts";',
    "/** Options. */",
    "export interface Options {",
    "    readonly z: C & E;",
    "}",
    "/** Their schema. */",
    "export declare const schema: z.Type<Options>;",
    "export declare function toSchema<S extends z.core.Type>(inner: S): C;",
    "export declare class Schema extends z.Type {",
    "}",
    "export declare const copy: typeof z;",
    "type Shape = { a: z.Type };",
    "export declare const shape: Omit<Shape, D>;",
    "export declare const last: C;",
  ];
  const after = [before[1], "", 'import { type E } from "./e.ts";', ...before.slice(4, 8), before.at(-1)].map(
    (line) => `${line}\n`,
  );
  const text = withoutBundled(before.map((line) => `${line}\n`).join(""), (name) => name.startsWith("bundled"));
  expect(text.trimStart()).toBe(after.join(""));
});

test("copies what the entry points reach and leaves the rest behind", () => {
  write("index.d.ts", 'export { a } from "./deep/a.ts";\n');
  write("deep/a.d.ts", 'import type { B } from "../b.ts";\nexport declare const a: B;\n');
  write("b.d.ts", 'import type { A } from "./index.ts";\nexport type B = number;\nexport type C = A;\n');
  write("a.test.d.ts", "export {};\n");
  expect(copyDeclarations(join(folder, "from"), join(folder, "to"), ["index.d.ts"], () => false)).toBe(3);
  expect(readFileSync(join(folder, "to/deep/a.d.ts"), "utf8")).toContain('from "../b.js"');
  expect(existsSync(join(folder, "to/a.test.d.ts"))).toBe(false);
});

test("fails when an entry point has no declaration", () => {
  expect(() => copyDeclarations(folder, join(folder, "to"), ["missing.d.ts"], () => false)).toThrow("missing.d.ts");
});
