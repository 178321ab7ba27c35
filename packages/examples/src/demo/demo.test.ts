import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const longestMs = 60_000;

function runDemo(...parameters: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@tacit/source", join(import.meta.dirname, "demo.ts"), ...parameters],
    { encoding: "utf8", timeout: longestMs },
  );
  return { status, output: stdout + stderr };
}

describe("the demo", () => {
  test("sees every rotation whole, moves to the other store and ends well", { timeout: longestMs }, () => {
    const { status, output } = runDemo();
    expect(output).toMatch(
      /^ok: 8 rotations heard in <?\d+\.\d ms \(slowest <?\d+\.\d ms\); [\d,]+ requests, 0 failed, 0 mixed$/m,
    );
    expect(output.match(/^ +\d+ +\S{8} +<?\d+\.\d ms +\d+ +0$/gm)).toHaveLength(8);
    expect(output).toContain('answered from provider "variables"');
    expect(status).toBe(0);
  });

  test.each([
    ["writes a password in base64", "leaking-service.ts", /contains secret value number \d/],
    ["reads the two fields one by one", "torn-service.ts", /requests saw a mixed pair/],
    ["ends before it listens", "missing-service.ts", /the service ended with exit code 1/],
  ])("fails, and shows no log, when the service %s", { timeout: longestMs }, (_, file, problem) => {
    const { status, output } = runDemo(join(import.meta.dirname, "misbehaving", file));
    expect(output).toMatch(/^failed: /m);
    expect(output).toMatch(problem);
    expect(output).not.toMatch(/^ok:|"msg":/m);
    expect(status).toBe(1);
  });
});
