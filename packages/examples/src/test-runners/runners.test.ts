import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL(".", import.meta.url));

/** A run of Node in this folder, without the settings of the runner that this test itself runs in. */
function run(...parameters: string[]): { readonly status: number | null; readonly output: string } {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const options = { cwd: folder, encoding: "utf8", env: { ...env, NO_COLOR: "1" } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, options);
  return { status, output: stdout + stderr };
}

test("the mock serves tests of jest", () => {
  const jest = require.resolve("jest/bin/jest");
  const { status, output } = run("--experimental-vm-modules", jest, "--config=jest.config.json", "--no-cache");
  expect(output).toContain("2 passed, 2 total");
  expect(status).toBe(0);
}, 60_000);

test("the mock serves tests of jest that fake timers for all of them", () => {
  const jest = require.resolve("jest/bin/jest");
  const { status, output } = run(
    "--experimental-vm-modules",
    jest,
    "--config=jest-fake-timers.config.json",
    "--no-cache",
  );
  expect(output).toContain("2 passed, 2 total");
  expect(status).toBe(0);
}, 60_000);

test("the mock and a client serve tests that fake timers with sinon", () => {
  const { status, output } = run("--conditions=@tacit/source", "with-sinon.spec.ts");
  expect(output).toMatch(/pass 2\n.*fail 0\n/);
  expect(status).toBe(0);
});

test("the mock serves tests of node:test", () => {
  const { status, output } = run("--conditions=@tacit/source", "--test", "with-node.spec.ts");
  expect(output).toMatch(/pass 2\n.*fail 0\n/);
  expect(status).toBe(0);
});
