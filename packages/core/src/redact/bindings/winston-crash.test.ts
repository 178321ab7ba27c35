import { execFile } from "node:child_process";
import { describe, expect, test } from "vitest";

const program = new URL("../../../test/redact/winston-process.ts", import.meta.url).pathname;

function run(...options: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--conditions=@tacit/source", program, ...options], (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

describe.each(["format", "transport"])("a crash that winston logs, masked by the %s", (hook) => {
  test.each(["exception", "rejection", "rejection of a string"])("shows no value of an uncaught %s", async (crash) => {
    const output = await run(hook, crash);
    expect(JSON.parse(output)).toMatchObject({ level: "error", message: expect.stringContaining("[REDACTED:db]") });
    expect(output).not.toContain("s3cret");
  });
});
