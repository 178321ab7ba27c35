import { expect, test } from "vitest";
import { type RunOptions, runProcess } from "../../../test/redact/run-process.ts";
import { leakCheck } from "../../testing/leak-check.ts";

const value = "s3cret-fixture-4f9a1c";
const { assertNoLeak } = leakCheck([value]);

interface Start extends RunOptions {
  readonly args?: readonly string[];
}

async function warnings({ args = [], ...run }: Start): Promise<readonly string[]> {
  const { code, stdout, stderr } = await runProcess("exposure-process.ts", args, run);
  expect(code).toBe(0);
  assertNoLeak(stdout, stderr.replace(/^Debugger .*$/gm, ""));
  return stdout.split("\n").slice(0, -1);
}

test.each<readonly [string, Start, readonly string[]]>([
  ["nothing", { env: { NODE_DEBUG: "timers,httpd" } }, []],
  [
    "NODE_DEBUG",
    { env: { NODE_DEBUG: "timers,UNDICI,fetc*" } },
    ["TACIT_NODE_DEBUG: NODE_DEBUG makes Node print requests (fetch, undici) without redaction."],
  ],
  [
    "an argument and a variable",
    { args: [`--token=${value}`], env: { TOKEN: value } },
    [
      "TACIT_SECRET_IN_ARGV: The arguments of this process contain db: every user of the machine can list them.",
      "TACIT_SECRET_IN_ENV: The environment of this process contains db: child processes inherit it.",
    ],
  ],
  [
    "a variable in base64",
    { env: { AUTHORIZATION: `Basic ${Buffer.from(`user:${value}`).toString("base64")}` } },
    ["TACIT_SECRET_IN_ENV: The environment of this process contains db: child processes inherit it."],
  ],
  [
    "the inspector",
    { options: ["--inspect=127.0.0.1:0"] },
    ["TACIT_INSPECTOR: The inspector is open: anyone who connects to it can read all memory."],
  ],
  [
    "an option on the command line and one in NODE_OPTIONS",
    { options: ["--report-on-signal"], env: { NODE_OPTIONS: "--heapsnapshot-signal=SIGUSR2" } },
    [
      "TACIT_MEMORY_DUMP: --heapsnapshot-signal lets Node write memory, and the secrets in it, to a file.",
      "TACIT_DIAGNOSTIC_REPORT: Diagnostic reports hold arguments and messages without redaction.",
    ],
  ],
])("warns once of %s", async (_, start, expected) => {
  expect(await warnings(start)).toEqual(expected);
});
