import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type ServerProcess, startServer } from "./server-process.ts";

const folder = mkdtempSync(join(tmpdir(), "server-process-"));
let server: ServerProcess | undefined;
afterEach(async () => {
  await server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test("a server that is frozen does nothing more, from the moment at which that is told", async () => {
  const ticks = `process.stdout.write("tick\\n"); setInterval(() => process.stdout.write("tick\\n"), 1)`;
  server = startServer(process.execPath, ["-e", ticks], folder);
  const log = (): string => readFileSync(join(folder, "log"), "utf8");
  await expect.poll(log).toContain("tick");
  await server.pause();
  const before = log();
  // Long enough for a hundred ticks.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(log()).toBe(before);
  server.resume();
  await expect.poll(() => log().length).toBeGreaterThan(before.length);
});
