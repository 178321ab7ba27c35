import * as fs from "node:fs";
import { join } from "node:path";
import { type Clock, createSecrets, declareSecrets, object, type SecretEvent, type SecretsOptions } from "@tacit/core";
import { describe, expect, test } from "vitest";
import { type FileFixture, openFixture } from "../../test/file/file-fixture.ts";
import { type FileSystem, nodeFileSystem } from "../shared/files/file-system.ts";
import { file } from "./index.ts";
import { openFileProvider } from "./provider.ts";

const first = { username: "app", password: "s3cret-fixture-1" };
const second = { username: "app", password: "s3cret-fixture-2" };

/** A client that declares one pair as `db`, and one value as `token` which may be absent. */
function openClient(fixture: FileFixture, options: { fileSystem?: FileSystem; clock?: Clock } = {}) {
  const { fileSystem = nodeFileSystem, clock } = options;
  const secrets = createSecrets({
    declare: declareSecrets({
      db: { ref: "db", as: object(["username", "password"]), mask: "never" },
      token: { ref: "token", optional: true, mask: "never" },
    }),
    adapters: { file: { ...file, open: (fileOptions, host) => openFileProvider(fileOptions, host, fileSystem) } },
    config: {
      // So far apart that whatever arrives has not been polled.
      providers: { mount: { use: "file", root: fixture.root, pollInterval: "10m" } },
      routes: [{ match: "**", to: ["mount"] }],
    },
    clock,
  } satisfies SecretsOptions);
  const events: SecretEvent[] = [];
  for (const type of ["change", "delete", "error", "recovered", "provider-degraded"] as const)
    secrets.events.on(type, (event: SecretEvent) => void events.push(event));
  const watch = secrets.watch("db");
  const errors: unknown[] = [];
  const changes: string[] = [];
  watch.on("error", (error) => void errors.push(error));
  watch.on("change", ({ reason, current }) => void changes.push(`${reason} ${current.reveal().password}`));
  const heard = (type: SecretEvent["type"]) => events.filter((event) => event.type === type);
  const stateOf = (alias: string) => secrets.health().secrets.find((secret) => secret.alias === alias);
  const provider = () => secrets.health().providers[0];
  return {
    secrets,
    watch,
    events,
    heard,
    errors,
    changes,
    stateOf,
    provider,
    [Symbol.asyncDispose]: () => secrets.close(),
  };
}

/** A file system whose calls of one kind fail while `on`. */
function failing(call: keyof FileSystem, thrown: () => unknown): { on: boolean; readonly fileSystem: FileSystem } {
  const state = { on: false };
  const real = nodeFileSystem[call] as (...input: unknown[]) => unknown;
  const replaced = (...input: unknown[]): unknown => {
    if (!state.on) return real(...input);
    throw thrown();
  };
  return Object.assign(state, { fileSystem: { ...nodeFileSystem, [call]: replaced } });
}

/** As a system call throws; the message must not be told. */
function errno(code: string): Error {
  return Object.assign(new Error(`${code}: s3cret-fixture`), { code });
}

describe("a mount that cannot be read", () => {
  test.each([
    ["EACCES", "PERMISSION_DENIED", "denied"],
    ["EIO", "UNAVAILABLE", "stale"],
    ["ELOOP", "UNAVAILABLE", "stale"],
    ["ESTALE", "UNAVAILABLE", "stale"],
  ])("%s keeps the last good value through 20 reads, is told once, and ends by itself", async (code, told, state) => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write(first);
    const disk = failing("readlinkSync", () => errno(code));
    await using client = openClient(fixture, disk);
    const { secrets, watch, heard, errors, changes, stateOf } = client;
    await secrets.ready();
    disk.on = true;
    for (let reads = 0; reads < 20; reads++) await expect(watch.refresh()).rejects.toMatchObject({ code: told });
    expect(secrets.latest("db").reveal()).toEqual(first);
    expect(watch.state).toBe("stale");
    expect(stateOf("db")).toMatchObject({ state, code: told });
    expect(secrets.health().status).toBe("degraded");
    expect(errors).toHaveLength(1);
    expect(heard("error")).toHaveLength(1);
    expect(JSON.stringify([client.events, errors, secrets.health()])).not.toContain("s3cret-fixture");
    disk.on = false;
    await writer.write(second);
    await expect.poll(() => watch.state).toBe("live");
    expect(changes).toEqual(["rotated s3cret-fixture-2"]);
    expect(heard("recovered")).toHaveLength(1);
    expect(secrets.health().status).toBe("ok");
    // One volume alone is no reason to leave the others below the root alone.
    expect(heard("provider-degraded")).toEqual([]);
  });

  test("files that vanish under the reader are read anew, 100 times without an error", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write(first);
    let opened = 0;
    let vanished = 0;
    const openSync = ((...input: Parameters<typeof fs.openSync>) => {
      opened += 1;
      if (opened % 3 !== 1) return fs.openSync(...input);
      vanished += 1;
      throw errno("ENOENT");
    }) as typeof fs.openSync;
    await using client = openClient(fixture, { fileSystem: { ...nodeFileSystem, openSync } });
    await client.secrets.ready();
    for (let round = 1; round <= 100; round++) {
      await writer.write(round % 2 === 0 ? first : second);
      expect((await client.watch.refresh()).reveal()).toEqual(round % 2 === 0 ? first : second);
    }
    expect(vanished).toBeGreaterThanOrEqual(100);
    expect(client.errors).toEqual([]);
    expect(client.watch.state).toBe("live");
  });
});

describe("what comes and goes", () => {
  test("a removed volume is told as deleted once, is served on, and comes back with equal bytes as recreated", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write(first);
    await using client = openClient(fixture);
    const { secrets, watch, changes, heard, stateOf } = client;
    let deletions = 0;
    watch.on("delete", () => {
      deletions += 1;
    });
    await secrets.ready();
    for (const round of [1, 2, 3]) {
      await writer.run([{ do: "remove" }]);
      await expect.poll(() => watch.state).toBe("deleted");
      expect(stateOf("db")).toMatchObject({ state: "deleted", code: "NOT_FOUND" });
      expect(secrets.latest("db").reveal()).toEqual(first);
      await writer.write(first);
      await expect.poll(() => watch.state).toBe("live");
      expect(changes).toEqual(Array.from({ length: round }, () => "recreated s3cret-fixture-1"));
      expect([deletions, heard("delete").length]).toEqual([round, round]);
    }
  });

  test("a field that is taken away keeps the pair that was whole", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write(first);
    await using client = openClient(fixture);
    await client.secrets.ready();
    await writer.write({ username: "app" });
    await expect.poll(() => client.stateOf("db")).toMatchObject({ state: "stale", reason: "field-missing" });
    expect(client.secrets.latest("db").reveal()).toEqual(first);
    await writer.write(second);
    await expect.poll(() => client.changes).toEqual(["rotated s3cret-fixture-2"]);
  });

  test("an optional key that is added is heard, and so is a volume that a start waits for", async () => {
    await using fixture = openFixture();
    await using client = openClient(fixture);
    const { secrets } = client;
    const starting = secrets.ready({ missing: "wait" });
    await expect.poll(() => client.provider()?.changes).toBe("push");
    const writer = await fixture.writer("db");
    await Promise.all([writer.write(first), starting]);
    expect(secrets.latest("db").reveal()).toEqual(first);
    expect(secrets.latest("token")).toBeUndefined();
    fs.writeFileSync(join(fixture.root, "token"), "s3cret-fixture-token");
    await expect.poll(() => secrets.latest("token")?.reveal()).toBe("s3cret-fixture-token");
  });
});

describe("plain files", () => {
  test("a file that is written in place shows whole values only, the last one for sure", async () => {
    await using fixture = openFixture();
    await (await fixture.writer("db")).write(first);
    const whole = (generation: number) => `s3cret-fixture-${"x".repeat(64)}-${generation}.`;
    const path = join(fixture.root, "token");
    fs.writeFileSync(path, whole(0));
    await using client = openClient(fixture);
    await client.secrets.ready();
    const seen: (string | undefined)[] = [];
    client.secrets.watch("token").on("change", ({ current }) => void seen.push(current.reveal()));
    const allowed = new Set([whole(0)]);
    for (let generation = 1; generation <= 25; generation++) {
      allowed.add(whole(generation));
      const descriptor = fs.openSync(path, "w");
      for (const chunk of whole(generation).match(/.{1,30}/g) ?? []) {
        await new Promise((resolve) => setTimeout(resolve, 3));
        fs.writeSync(descriptor, chunk);
      }
      fs.closeSync(descriptor);
    }
    await expect.poll(() => client.secrets.latest("token")?.reveal()).toBe(whole(25));
    expect(seen.filter((value) => value === undefined || !allowed.has(value))).toEqual([]);
  });

  test("a file that is replaced by rename 200 times ends on the last one, without a step back", async () => {
    await using fixture = openFixture();
    await (await fixture.writer("db")).write(first);
    const path = join(fixture.root, "token");
    fs.writeFileSync(path, "s3cret-fixture-1000");
    await using client = openClient(fixture);
    await client.secrets.ready();
    const seen: string[] = [];
    client.secrets.watch("token").on("change", ({ current }) => void seen.push(current.reveal() ?? ""));
    for (let generation = 1001; generation <= 1200; generation++) {
      fs.writeFileSync(`${path}.tmp`, `s3cret-fixture-${generation}`);
      fs.renameSync(`${path}.tmp`, path);
      if (generation % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => client.secrets.latest("token")?.reveal()).toBe("s3cret-fixture-1200");
    expect(seen).toEqual([...seen].sort());
  });
});

describe("a watch that cannot be had", () => {
  test.each(["EMFILE", "ENOSPC"])("%s shows as polling, is told once, and is over when there is room", async (code) => {
    const ticking = tickingClock();
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write(first);
    const limit = failing("watch", () => errno(code));
    limit.on = true;
    await using client = openClient(fixture, { ...limit, clock: ticking.clock });
    const { secrets, heard, provider } = client;
    await secrets.ready();
    expect(provider()).toMatchObject({ changes: "poll", degraded: true, warnings: ["inotify-limit"] });
    expect(secrets.health().status).toBe("degraded");
    expect(heard("provider-degraded")).toEqual([expect.objectContaining({ provider: "mount", code: "inotify-limit" })]);
    await writer.write(second);
    ticking.pass(5000);
    await expect.poll(() => secrets.latest("db").reveal()).toEqual(second);
    limit.on = false;
    ticking.pass(5000);
    await expect.poll(() => provider()).toMatchObject({ changes: "push", degraded: false });
    await writer.write(first);
    await expect.poll(() => secrets.latest("db").reveal()).toEqual(first);
  });

  test("a file that is mounted by itself is served, warned of once, and found by diagnose", async () => {
    await using fixture = openFixture();
    await (await fixture.writer("db")).write(first);
    fs.writeFileSync(join(fixture.root, "token"), "s3cret-fixture-token");
    const line = `31 23 0:27 /x ${join(fixture.root, "token")} ro - tmpfs tmpfs ro\n`;
    const readFileSync = (() => line) as unknown as typeof fs.readFileSync;
    await using client = openClient(fixture, { fileSystem: { ...nodeFileSystem, readFileSync } });
    const { secrets, heard, provider } = client;
    await secrets.ready();
    expect(secrets.latest("token")?.reveal()).toBe("s3cret-fixture-token");
    expect(provider()?.warnings).toEqual(["static-mount"]);
    expect(heard("provider-degraded")).toEqual([expect.objectContaining({ code: "static-mount" })]);
    expect(secrets.health().status).toBe("degraded");
    expect((await secrets.diagnose()).map(({ code }) => code)).toContain("static-mount");
  });
});

/** The system's clock, but timers of a second and more wait for `pass`. */
function tickingClock() {
  const due = new Set<{ readonly at: number; readonly call: () => void }>();
  let ahead = 0;
  const clock: Clock = {
    now: () => Date.now() + ahead,
    monotonic: () => performance.now() + ahead,
    setTimer(call, delayMs) {
      const entry = { at: performance.now() + ahead + delayMs, call };
      const timeout = delayMs < 1000 ? setTimeout(call, delayMs) : undefined;
      if (timeout === undefined) due.add(entry);
      return {
        cancel: () => {
          clearTimeout(timeout);
          due.delete(entry);
        },
        keepAlive: () => undefined,
      };
    },
  };
  const pass = (ms: number): void => {
    ahead += ms;
    for (const entry of [...due]) {
      if (entry.at > performance.now() + ahead || !due.delete(entry)) continue;
      entry.call();
    }
  };
  return { clock, pass };
}
