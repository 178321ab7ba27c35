import { expect, test } from "vitest";
import { runProcess } from "../../../test/redact/run-process.ts";

const value = ["s3cret", "fixture", "4f9a1c"].join("-");

/** way of creating pino -> whether guards that were installed before see what it writes, as docs/redaction.md says */
const ways: readonly (readonly [way: string, isGuarded: boolean])[] = [
  ["default", true],
  ["process.stdout", true],
  ["multistream", true],
  ["destination", false],
  ["destination, later", false],
  ["transport", false],
];

test.each(ways)("guards alone see what pino writes by its %s: %s", async (way, isGuarded) => {
  const { stdout, stderr, code } = await runProcess("pino-process.ts", [way]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("login with");
  expect(!stdout.includes(value)).toBe(isGuarded);
});

test.each(ways)("redactPino masks what pino writes by its %s", async (way) => {
  const { stdout, stderr, code } = await runProcess("pino-process.ts", [way, "redacted"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ token: "[REDACTED:db]", msg: "login with [REDACTED:db]" });
});
