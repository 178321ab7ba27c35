import { describe, expect, test } from "vitest";
import { codeRules } from "./code-rules.ts";
import { publishedFiles, readSourceTree, toSourceTree } from "./source-tree.ts";

const sound = `
  import * as z from "zod/mini";
  import { setTimeout as unused } from "./timers.ts";
  export async function wait(clock: Clock) { await clock.sleep(5); for await (const one of clock) unused(one); }
  export const wall = (clock: Clock): Date => new Date(clock.now());
  export const level = process.env.LEVEL;
  export const schema = z.string();
  export const brand = Symbol.for("tacit.secret");
  export class Held { async read() { return await this.value; } }`;

function breaches(text: string, path = "packages/core/src/a.ts"): readonly string[] {
  const file = toSourceTree({ [path]: text }, {}).files.get(path);
  if (file === undefined) throw new Error("no such file");
  return codeRules.filter((rule) => rule.violations(file).length > 0).map(({ title }) => title);
}

describe("published code", () => {
  const files = publishedFiles(readSourceTree());

  test("is there to be checked", () => {
    expect(files.length).toBeGreaterThan(5);
  });

  test.each(codeRules)("has $title", (rule) => {
    expect(files.flatMap((file) => rule.violations(file))).toEqual([]);
  });
});

describe("the rules", () => {
  test("let sound code pass", () => {
    expect(breaches(sound)).toEqual([]);
  });

  test.each([
    ["using", "export function f() { using a = open(); return a; }"],
    ["using", "export async function f() { await using a = open(); return a; }"],
    ["top-level await", "export const a = await load();"],
    ["top-level await", "for await (const one of load()) use(one); export {};"],
    ["top-level await", "{ await load(); }"],
    ["process.env", 'process.env.A = "1";'],
    ["process.env", 'process.env["A"] ??= "1";'],
    ["process.env", "delete process.env.A;"],
    ["process.env", "Object.assign(process.env, { A: 1 });"],
    ["process.env", 'process.loadEnvFile(".env");'],
    ["zod", 'import { z } from "zod"; z.string();'],
    ["zod", 'import { z } from "zod/mini"; z.string();'],
    ["zod", 'import * as z from "zod/v4"; z.string();'],
    ["zod", 'export const load = () => import("zod");'],
    ["console", "console.log = () => {};"],
    ["clock", "export const now = Date.now();"],
    ["clock", "export const reader = performance.now;"],
    ["clock", "export const now = new Date();"],
    ["clock", "setTimeout(() => {}, 5);"],
    ["clock", "globalThis.setInterval(() => {}, 5);"],
    ["clock", "export const signal = AbortSignal.timeout(5);"],
    ["clock", 'import { setTimeout as sleep } from "node:timers/promises"; export { sleep };'],
    ["globalThis", 'globalThis[Symbol.for("tacit.other")] = 1;'],
    ["globalThis", "export const all = (globalThis.tacit ??= {});"],
    ["globalThis", 'const key = Symbol.for("tacit.redactor"); globalThis[key] = globalThis[Symbol.for("b")];'],
  ])("find a breach of the one on %s: %s", (word, text) => {
    expect(breaches(text).join("\n")).toContain(word);
  });

  test("let the clock file read the clock, and the redactor share its state", () => {
    expect(breaches("export const now = Date.now();", "packages/core/src/time/clock.ts")).toEqual([]);
    expect(breaches('globalThis[Symbol.for("tacit.redactor")] ??= {};')).toEqual([]);
  });
});
