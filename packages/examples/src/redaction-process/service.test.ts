import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { leakCheck } from "@tacit/core/testing";
import { expect, test } from "vitest";

const token = "s3cret-fixture-4f9a1c";
const { assertNoLeak } = leakCheck([token]);
const program = fileURLToPath(new URL("service.ts", import.meta.url));

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(file: string): Promise<Ended> {
  const options = { env: { ...process.env, PAYMENTS_TOKEN: token } };
  return new Promise((resolve) => {
    execFile(process.execPath, ["--conditions=@tacit/source", file], options, (error, stdout, stderr) => {
      resolve({ code: error?.code, stdout, stderr });
    });
  });
}

test("neither what a service prints nor its last words show the token, and it ends as it would without guards", async () => {
  const { code, stdout, stderr } = await run(program);
  expect(stdout).toBe("paying with [REDACTED:payments/token]\n");
  expect(stderr).toContain("Error: refused");
  expect(stderr).toContain("authorization: 'Bearer [REDACTED:payments/token]'");
  expect(code).toBe(1);
  assertNoLeak(stdout, stderr);
});
