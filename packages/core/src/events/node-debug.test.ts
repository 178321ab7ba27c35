import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../../test/events/listen.ts", import.meta.url));

test.each([
  ["tacit", /^TACIT \d+: info provider "vault" answers again\n$/],
  ["http,TACIT", /^TACIT \d+: info/],
  ["http", /^$/],
])("NODE_DEBUG=%s prints what it names to standard error", async (NODE_DEBUG, printed) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], {
    env: { LANG: "C", NODE_DEBUG, NODE_NO_WARNINGS: "1" },
  });
  expect(stdout).toBe("");
  expect(stderr).toMatch(printed);
});
