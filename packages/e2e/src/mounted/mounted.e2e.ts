import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startService, writeGenerations } from "./conversation.ts";
import { generationOf, pairOf } from "./pair.ts";

let root: string;
let volume: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mounted-"));
  volume = join(root, "db");
  mkdirSync(volume);
});
afterEach(() => rmSync(root, { recursive: true }));

/** A config document that sends every name to the mounted directory. */
function mountConfig(): Record<string, string> {
  const mount = { use: "file", root };
  return { TACIT_CONFIG: JSON.stringify({ providers: { mount }, routes: [{ match: "**", to: ["mount"] }] }) };
}

test("a service sees another process rotate its secret, in order and never torn, and ends by itself", async () => {
  await writeGenerations(volume, 1, 1, 0);
  const service = startService(mountConfig());
  await service.until(({ kind }) => kind === "ready");
  await writeGenerations(volume, 2, 40, 25);
  await service.until((answer) => answer.kind === "change" && generationOf(answer.pair) === 40);
  service.ask("read");
  expect(await service.until(({ kind }) => kind === "read")).toEqual({ kind: "read", pair: pairOf(40) });
  const seen = service.answers.flatMap((answer) => (answer.kind === "change" ? [generationOf(answer.pair)] : []));
  expect(seen).toEqual([...new Set(seen)].toSorted((left, right) => left - right));
  expect(seen.length).toBeGreaterThan(1);
  const { exitCode, output } = await service.close();
  expect(output).toContain("[REDACTED:db]");
  expect(output).not.toContain("s3cret-fixture");
  expect(exitCode).toBe(0);
});

test("the same service reads environment variables when the document says nothing else", async () => {
  const { username, password } = pairOf(7);
  const service = startService({ DB__USERNAME: username, DB__PASSWORD: password });
  await service.until(({ kind }) => kind === "ready");
  service.ask("read");
  expect(await service.until(({ kind }) => kind === "read")).toEqual({ kind: "read", pair: pairOf(7) });
  const { exitCode, output } = await service.close();
  expect(output).not.toContain("s3cret-fixture");
  expect(exitCode).toBe(0);
});

test("a service whose secret does not exist fails to start, says why, and ends by itself", async () => {
  rmSync(volume, { recursive: true });
  const service = startService(mountConfig());
  expect(await service.until(({ kind }) => kind === "failed")).toEqual({
    kind: "failed",
    codes: ["NOT_READY", "NOT_FOUND"],
  });
  const { exitCode, output } = await service.ended;
  expect(output).toContain('"db');
  expect(exitCode).toBe(0);
});
