import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecrets, declareSecrets, object, type StrictSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createRotationLog, isRising } from "../rotation/rotation-log.ts";
import { type RealWriter, startRealWriter } from "./real-writer.ts";

const declared = declareSecrets({ db: { ref: "db", as: object(["username", "password"]) } });

describe.skipIf(!hasPrograms("atomic-writer"))("a Secret volume that the kubelet's own writer writes", () => {
  let root: string;
  let writer: RealWriter;
  let secrets: StrictSecrets<typeof declared.declarations>;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "kubelet-volume-"));
    mkdirSync(join(root, "db"));
    writer = startRealWriter(join(root, "db"));
    await write(0);
    const routes = [{ match: "**", to: ["mount"] }];
    const config = { providers: { mount: { use: "file", root } }, routes };
    secrets = createSecrets({ adapters, declare: declared, config });
    await secrets.ready();
  });
  afterEach(async () => {
    await secrets?.close();
    await writer.stop();
    rmSync(root, { recursive: true });
  });

  async function write(generation: number): Promise<void> {
    const { username, password } = pairOf(generation);
    await writer.write({ username: { content: username }, password: { content: password } });
  }

  test("shows each of 200 rotations exactly once when they are apart", async () => {
    const log = createRotationLog(secrets.watch("db"));
    const generations = Array.from({ length: 200 }, (_, index) => index + 1);
    for (const generation of generations) {
      await write(generation);
      await log.until(generation);
    }
    expect(log.seen).toEqual(generations);
  });

  test("shows the last of 200 rotations in a row, none of them torn, out of order or twice", async () => {
    const log = createRotationLog(secrets.watch("db"));
    for (let generation = 1; generation <= 200; generation += 1) {
      await write(generation);
      // Five milliseconds, then none, then five: some swaps come while the one before is being read.
      if (generation % 2 === 0) await sleep(5);
    }
    await log.until(200);
    expect(isRising(log.seen)).toBe(true);
    expect(log.seen.length).toBeGreaterThan(20);
    expect(secrets.latest("db").reveal()).toEqual(pairOf(200));
  });

  test("tells nothing when the same payload, or only a mode, is written again", async () => {
    const log = createRotationLog(secrets.watch("db"));
    const { username, password } = pairOf(0);
    await writer.write({ username: { content: username }, password: { content: password } });
    await writer.write({ username: { content: username, mode: 0o600 }, password: { content: password } });
    await write(1);
    await log.until(1);
    expect(log.seen).toEqual([1]);
  });

  test("keeps the last value when a field is taken away, and goes on when it is back", async () => {
    const log = createRotationLog(secrets.watch("db"));
    const failed = new Promise<string>((resolve) => secrets.watch("db").on("error", ({ code }) => resolve(code)));
    await writer.write({ username: { content: "user-1" } });
    expect(await failed).toBe("INVALID_VALUE");
    expect(secrets.latest("db").reveal()).toEqual(pairOf(0));
    await write(2);
    await log.until(2);
    expect(log.seen).toEqual([2]);
  });
});
