import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the demo shows every rotation, no mixed pair, both stores, no password, and ends by itself", async () => {
  const demo = join(import.meta.dirname, "demo.ts");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--conditions=@tacit/source", demo]);
  expect(stdout.match(/^ +\d+ {2}\S{22} +\d+\.\d ms$/gm)).toHaveLength(6);
  expect(stdout).toMatch(/\d+ requests meanwhile, 0 failed, 0 of \d+ logins saw a mixed pair/);
  expect(stdout).toMatch(/from a mounted volume: HTTP 200, .*served by "mount"/);
  expect(stdout).toMatch(/from environment variables: HTTP 200, .*served by "env"/);
  expect(stdout).toMatch(/hold no password; \[REDACTED:db\] stands in them [1-9]\d* times/);
  expect(stdout.trimEnd()).toMatch(/All well\.$/);
  expect(stdout + stderr).not.toContain("demo-1-");
}, 60_000);
