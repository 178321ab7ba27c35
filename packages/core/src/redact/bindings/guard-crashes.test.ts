import { describe, expect, test } from "vitest";
import { type ProcessResult, runIntoFiles, runProcess } from "../../../test/redact/run-process.ts";
import { leakCheck } from "../../testing/leak-check.ts";

const value = "s3cret-fixture-4f9a1c";
const { assertNoLeak } = leakCheck([value]);

const guards = ["--import", new URL("../../../test/redact/crash-guards.ts", import.meta.url).href];

interface Comparison {
  readonly bare: ProcessResult;
  readonly guarded: ProcessResult;
}

/** The same end, without guards and with them. */
async function compare(kind: string, name: string, options: readonly string[] = []): Promise<Comparison> {
  const [bare, guarded] = await Promise.all([
    runProcess("crash-process.ts", [kind, name], { options }),
    runProcess("crash-process.ts", [kind, name], { options: [...options, ...guards] }),
  ]);
  return { bare, guarded };
}

function masked(text: string): string {
  return text.replaceAll(value, "[REDACTED:db]");
}

/** What Node prints from the first line of the error on. */
function withoutSource(text: string): string {
  return text.replace(/^[\s\S]*?\n *\^+\n+/, "");
}

test.each([
  ["thrown", "Error"],
  ["thrown", "StoreError"],
  ["thrown", "string"],
  ["thrown", "object"],
  ["thrown", "undefined"],
  ["thrown", "symbol"],
  ["thrown", "cause"],
  ["thrown", "AggregateError"],
  ["thrown", "unreadable"],
  ["thrown", "hostile"],
  ["thrown", "badly inspected"],
  ["rejected", "Error"],
  ["rejected", "string"],
  ["rejected", "object"],
  ["rejected", "undefined"],
  ["rejected", "AggregateError"],
] as const)("ends by a %s %s with the code of Node, and shows its text masked", async (kind, name) => {
  const { bare, guarded } = await compare(kind, name);
  expect(guarded.code).toBe(bare.code);
  expect(guarded.stdout).toBe("");
  assertNoLeak(guarded.stderr);
  if (name === "Error" || name === "cause") expect(guarded.stderr).toBe(masked(withoutSource(bare.stderr)));
  if (masked(bare.stderr) !== bare.stderr) expect(guarded.stderr).toContain("[REDACTED");
  expect(guarded.stderr.endsWith(`\n\nNode.js ${process.version}\n`)).toBe(true);
});

test.each([
  "exit listeners",
  "an exit listener that sets the code",
  "an exit listener that throws",
  "an exit listener that exits",
  "an exit with a listener that throws",
  "an end with a listener that throws",
  "an exit code set before",
  "a later tick",
  "a listener",
  "a listener for one error only",
  "a listener to rejections",
  "a capture callback",
  "a domain",
  "a domain without a listener",
  "a later monitor",
  "a later monitor that puts up a listener",
])("with %s the same happens as without guards", async (name) => {
  const { bare, guarded } = await compare("with", name);
  expect(guarded.code).toBe(bare.code);
  expect(guarded.stdout).toBe(masked(bare.stdout));
  expect(guarded.stderr).toBe(masked(withoutSource(bare.stderr)));
});

test.each(["strict", "warn", "warn-with-error-codes", "none"])("--unhandled-rejections=%s is kept", async (mode) => {
  const { bare, guarded } = await compare("rejected", "Error", [`--unhandled-rejections=${mode}`]);
  expect(guarded.code).toBe(bare.code);
  assertNoLeak(guarded.stderr);
  expect(guarded.stderr === "").toBe(bare.stderr === "");
});

test("a long message is printed completely before the process ends", async () => {
  const { guarded } = await compare("with", "much output");
  expect(guarded.stdout).toHaveLength(100_001);
  expect(guarded.stderr).toMatch(/^Error: y{200000} \[REDACTED:db\]\n/);
});

test("a report on the error contains the masked copy and no environment", async () => {
  const [bare, guarded] = await Promise.all([
    runIntoFiles("crash-process.ts", ["with", "a report"]),
    runIntoFiles("crash-process.ts", ["with", "a report"], { options: guards }),
  ]);
  expect(guarded.code).toBe(bare.code);
  expect(bare.stderr).toContain('"environmentVariables"');
  expect(guarded.stderr).toContain('"message": "Error: [REDACTED:db]"');
  expect(guarded.stderr).not.toContain('"environmentVariables"');
  assertNoLeak(guarded.stderr);
});

describe("a worker with guards of its own", () => {
  test.each(["error", "string", "rejection", "exit code", "handled"])(
    "masks the error that its parent receives: %s",
    async (name) => {
      const [bare, guarded] = await Promise.all([
        runProcess("worker-process.ts", ["bare", name]),
        runProcess("worker-process.ts", ["guarded", name]),
      ]);
      expect(guarded).toEqual({ code: 0, stdout: masked(bare.stdout), stderr: "" });
      assertNoLeak(guarded.stdout);
    },
  );
});

describe("not covered", () => {
  test("the output of Node when a listener throws", async () => {
    const { guarded } = await compare("with", "a listener that throws");
    expect(guarded.code).toBe(7);
    expect(guarded.stderr).toContain(value);
  });
});
