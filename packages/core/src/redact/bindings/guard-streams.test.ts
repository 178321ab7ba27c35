import { describe, expect, test } from "vitest";
import { type ProcessResult, runIntoFiles, runProcess } from "../../../test/redact/run-process.ts";
import { leakCheck } from "../../testing/leak-check.ts";

const value = "s3cret-fixture-4f9a1c";
const { assertNoLeak } = leakCheck([value]);

async function compare(
  ...ways: readonly string[]
): Promise<{ readonly bare: ProcessResult; readonly guarded: ProcessResult }> {
  const [bare, guarded] = await Promise.all([
    runProcess("output-process.ts", ["bare", ...ways]),
    runProcess("output-process.ts", ["guarded", ...ways]),
  ]);
  return { bare, guarded };
}

function masked(text: string): string {
  return text.replaceAll(value, "[REDACTED:db]");
}

test.each([
  [["console", "bytes", "corked", "callbacks", "pipeline", "end"]],
  [["a line without an end"]],
  [["a callback that exits"]],
  [["a split that is written at the exit"]],
  [["worker", "pino"]],
])("masks in place, in order and to the end: %j", async (ways) => {
  const { bare, guarded } = await compare(...ways);
  expect(bare.stdout).toContain(value);
  expect(guarded.stdout).toBe(masked(bare.stdout));
  expect(guarded.stderr).toBe(masked(bare.stderr));
  expect(guarded.code).toBe(bare.code);
});

test("masks strings in every encoding", async () => {
  const { stdout, stderr } = await runProcess("output-process.ts", ["guarded", "text"]);
  expect(stdout.match(/\[REDACTED:db\]/g)).toHaveLength(5);
  expect(stdout).toContain("hex [REDACTED:db]\nbase64 [REDACTED:db]\n");
  expect(JSON.parse(stdout.split("\n").at(-2) ?? "")).toEqual({ token: "[REDACTED:db]", text: "\n" });
  expect(stderr.replaceAll("\0", "")).toBe("ucs2 [REDACTED:db]\n");
});

test("does not change bytes without a value, nor arguments that cannot be written", async () => {
  const { bare, guarded } = await compare("clean bytes", "not writable");
  expect(guarded).toEqual(bare);
});

test.each(["warning", "a worker that fails"])("masks the output of Node itself: %s", async (way) => {
  const { bare, guarded } = await compare(way);
  expect(bare.stderr).toContain(value);
  assertNoLeak(guarded.stderr);
  expect(guarded.stderr).toContain("[REDACTED:db]");
  expect(guarded.code).toBe(bare.code);
});

test("masks in a file as well as in a pipe, and loses nothing at an exit", async () => {
  const ways = ["bytes", "pipeline", "many lines and an exit"];
  const [bare, guarded] = await Promise.all([
    runIntoFiles("output-process.ts", ["bare", ...ways]),
    runIntoFiles("output-process.ts", ["guarded", ...ways]),
  ]);
  expect(bare.stdout.split(value)).toHaveLength(307);
  expect(guarded.stdout).toBe(masked(bare.stdout));
  expect(guarded.code).toBe(bare.code);
});

test("masks a value in several writes", async () => {
  const { stdout } = await runProcess("output-process.ts", ["guarded", "a split", "a split of bytes"]);
  expect(stdout).toBe("[REDACTED:db]\n".repeat(2));
});

describe("not covered", () => {
  test("output that does not use the streams", async () => {
    const ways = [
      "a direct write",
      "an own console",
      "raw debug output",
      "a child's own output",
      "a worker's direct write",
      "pino on a descriptor",
    ];
    const { stdout, stderr } = await runProcess("output-process.ts", ["guarded", ...ways]);
    expect((stdout + stderr).split(value)).toHaveLength(ways.length + 1);
  });
});
