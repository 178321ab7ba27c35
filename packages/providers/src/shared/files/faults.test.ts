import * as fs from "node:fs";
import { join } from "node:path";
import type { Timer } from "@tacit/core/provider";
import { describe, expect, test } from "vitest";
import { forever, listen, openFixture, read, textOf } from "../../../test/file/file-fixture.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

/** Returns a system error whose message must not appear in ours. */
function failure(code: string): Error {
  return Object.assign(new Error(`${code}: s3cret-fixture`), { code, syscall: "open" });
}

/** Creates a file system with one call replaced while `on` is true. */
function moody<K extends keyof FileSystem>(call: K, mood: FileSystem[K]): { on: boolean; fileSystem: FileSystem } {
  const state = { on: true };
  const real = nodeFileSystem[call] as (...input: unknown[]) => unknown;
  const replaced = (...input: unknown[]): unknown => (state.on ? (mood as typeof real)(...input) : real(...input));
  return Object.assign(state, { fileSystem: { ...nodeFileSystem, [call]: replaced } });
}

describe("a failing disk", () => {
  test.each([
    ["EACCES", "PERMISSION_DENIED", "file-permission"],
    ["EPERM", "PERMISSION_DENIED", "file-permission"],
    ["EIO", "UNAVAILABLE", "io-error"],
    ["ESTALE", "UNAVAILABLE", "stale-handle"],
    ["EMFILE", "UNAVAILABLE", "too-many-open-files"],
    ["ENXIO", "INVALID_VALUE", "not-a-file"],
  ])("%s is %s for 20 reads, and the read after the fault succeeds", async (errno, code, reason) => {
    await using fixture = openFixture();
    await (await fixture.writer("db")).write({ password: "s3cret-fixture" });
    const disk = moody("openSync", (() => {
      throw failure(errno);
    }) as never);
    const provider = fixture.open({}, disk.fileSystem);
    for (const path of Array.from({ length: 10 }, () => ["db", "db/password"]).flat()) {
      const error = await read(provider, path).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, reason });
      expect(JSON.stringify([String(error), error, (error as Error).stack])).not.toContain("s3cret-fixture");
    }
    disk.on = false;
    expect(await textOf(read(provider, "db/password"))).toBe("s3cret-fixture");
  });

  test("circular links are UNAVAILABLE", async () => {
    await using fixture = openFixture();
    fs.symlinkSync("b", join(fixture.root, "a"));
    fs.symlinkSync("a", join(fixture.root, "b"));
    await expect(read(fixture.open(), "a")).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "link-loop" });
  });

  test("a file that becomes a link during a read is read through the link", async () => {
    await using fixture = openFixture();
    const file = join(fixture.root, "token");
    fs.writeFileSync(file, "s3cret-fixture-old");
    fs.writeFileSync(join(fixture.root, "taken-over"), "s3cret-fixture-new");
    let hasTurned = false;
    const open = (async (...input: Parameters<typeof fs.promises.open>) => {
      if (!hasTurned && input[0] === file) {
        hasTurned = true;
        fs.symlinkSync("taken-over", `${file}.link`);
        fs.renameSync(`${file}.link`, file);
      }
      return await fs.promises.open(...input);
    }) as typeof fs.promises.open;
    const turning = { ...nodeFileSystem, promises: { ...nodeFileSystem.promises, open } };
    expect(await textOf(read(fixture.open({}, turning), "token"))).toBe("s3cret-fixture-new");
    expect(hasTurned).toBe(true);
  });

  test("the error of a key owned by another user recommends fsGroup", async () => {
    await using fixture = openFixture();
    await (await fixture.writer()).write({ password: "s3cret-fixture" }, { defaultMode: 0o400 });
    const disk = moody("openSync", (() => {
      throw failure("EACCES");
    }) as never);
    const foreign = {
      ...disk.fileSystem,
      lstatSync: ((...input: Parameters<typeof fs.lstatSync>) => {
        const stats = fs.lstatSync(...input);
        return stats?.isFile() ? Object.assign(stats, { uid: 4242 }) : stats;
      }) as typeof fs.lstatSync,
    };
    await expect(read(fixture.open({}, foreign), "password")).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      tip: expect.stringContaining("fsGroup"),
    });
  });

  test("close ends a waiting read, which returns nothing later", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer();
    await writer.run([{ do: "write", fields: { a: "1" } }, { do: "unlink-data" }]);
    const reason = new Error("aborted by the test");
    const controller = new AbortController();
    const provider = fixture.open();
    const reading = provider.get({ path: "a", version: "current" }, { signal: controller.signal });
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });
});

describe("a failing watch", () => {
  test.each(["EMFILE", "ENOSPC"])(
    "%s causes polling every 5 s, one warning, and a new watch when the limit allows it",
    async (errno) => {
      const clock = tickingClock();
      await using fixture = openFixture({ clock: clock.clock });
      const writer = await fixture.writer();
      await writer.write({ generation: "1" });
      const limit = moody("watch", (() => {
        throw failure(errno);
      }) as never);
      const provider = fixture.open({}, limit.fileSystem);
      const recorder = await listen(provider, "generation");
      expect(recorder.subscription.state).toEqual({ mode: "poll", code: "inotify-limit" });
      expect(new Set(fixture.host.warnings.map(({ code }) => code))).toEqual(new Set(["inotify-limit"]));
      await writer.write({ generation: "2" });
      expect(recorder.hints).toBe(0);
      clock.tick(5000);
      await recorder.hears("generation", "2");
      limit.on = false;
      clock.tick(5000);
      await recorder.hears("generation", "2");
      expect(recorder.subscription.state).toEqual({ mode: "push" });
      await Promise.all([writer.write({ generation: "3" }), recorder.hears("generation", "3")]);
    },
  );

  test("events without a name cause a check, and a read opens a watch again that ended with an error", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer();
    await writer.write({ generation: "1" });
    const watchers: fs.FSWatcher[] = [];
    const keeping = moody("watch", ((...input: Parameters<typeof fs.watch>) => {
      const watcher = fs.watch(...input);
      watchers.push(watcher);
      return watcher;
    }) as never);
    const provider = fixture.open({}, keeping.fileSystem);
    const recorder = await listen(provider, "generation");
    watchers[0]?.emit("change", "rename", null);
    expect(recorder.hints).toBe(1);
    await recorder.hears("generation", "1");
    const before = recorder.hints;
    watchers.at(-1)?.emit("error", failure("EMFILE"));
    expect(recorder.subscription.state).toEqual({ mode: "poll", code: "inotify-limit" });
    await read(provider, "generation");
    expect(recorder.subscription.state).toEqual({ mode: "push" });
    await Promise.all([writer.write({ generation: "2" }), recorder.hears("generation", "2")]);
    expect(recorder.hints).toBeGreaterThan(before);
  });

  test("a directory that may not be watched is watched again as soon as its permissions change", async () => {
    await using fixture = openFixture({ clock: tickingClock().clock });
    const writer = await fixture.writer("db");
    await writer.write({ generation: "1" });
    const denied = moody("watch", ((...input: Parameters<typeof fs.watch>) => {
      if (input[0] === join(fixture.root, "db")) throw failure("EACCES");
      return fs.watch(...input);
    }) as never);
    const recorder = await listen(fixture.open({}, denied.fileSystem), "db");
    expect(recorder.subscription.state).toEqual({ mode: "poll", code: "watch-failed" });
    denied.on = false;
    await Promise.all([writer.run([{ do: "chmod", mode: 0o755 }]), recorder.hasHeard()]);
    expect(recorder.subscription.state).toEqual({ mode: "push" });
    await Promise.all([writer.write({ generation: "2" }), recorder.hears("db", { generation: "2" })]);
  });

  test("a recreated directory is reported before anything is written into it", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write({ generation: "1" });
    const recorder = await listen(fixture.open(), "db");
    await Promise.all([writer.run([{ do: "remove" }]), recorder.hasHeard()]);
    const before = recorder.hints;
    await writer.run([{ do: "create" }]);
    await expect.poll(() => recorder.hints).toBeGreaterThan(before);
    expect(recorder.subscription.state).toEqual({ mode: "push" });
  });

  test("a volume replaced without an event is noticed by the next read", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write({ generation: "1" });
    const deaf = moody("watch", ((...input: Parameters<typeof fs.watch>) => {
      const watcher = fs.watch(...input);
      watcher.emit = () => true;
      return watcher;
    }) as never);
    const provider = fixture.open({}, deaf.fileSystem);
    const recorder = await listen(provider, "db");
    deaf.on = false;
    await writer.run([{ do: "remove" }, { do: "write", fields: { generation: "2" } }]);
    expect(await textOf(read(provider, "db"))).toEqual({ generation: "2" });
    await Promise.all([writer.write({ generation: "3" }), recorder.hears("db", { generation: "3" })]);
  });

  test("1,000 paths of one volume share one watch, which the last one closes", async () => {
    await using fixture = openFixture();
    const keys = Array.from({ length: 1000 }, (_, index) => `key-${index}`);
    await (await fixture.writer()).write(Object.fromEntries(keys.map((key) => [key, key])));
    const open = new Set<fs.FSWatcher>();
    const counting = moody("watch", ((...input: Parameters<typeof fs.watch>) => {
      const watcher = fs.watch(...input);
      open.add(watcher);
      watcher.once("close", () => open.delete(watcher));
      return watcher;
    }) as never);
    const provider = fixture.open({}, counting.fileSystem);
    const subscriptions = await Promise.all(keys.map((key) => provider.subscribe?.([key], () => undefined, forever)));
    expect(open.size).toBe(1);
    for (const subscription of subscriptions) await subscription?.[Symbol.asyncDispose]();
    await new Promise((resolve) => setImmediate(resolve));
    expect(open.size).toBe(0);
  });

  test("a file mounted on its own is read and polled, with one warning", async () => {
    await using fixture = openFixture();
    const file = join(fixture.root, "with space");
    fs.writeFileSync(file, "s3cret-fixture");
    const line = `31 23 0:27 /x ${file.replaceAll(" ", "\\040")} ro - tmpfs tmpfs ro`;
    const mounted = moody("readFileSync", (() => `${line}\n`) as never);
    const provider = fixture.open({}, mounted.fileSystem);
    const recorder = await listen(provider, "with space");
    expect(recorder.subscription.state).toEqual({ mode: "poll", code: "static-mount" });
    expect(fixture.host.warnings.map(({ code }) => code)).toEqual(["static-mount"]);
    expect(await textOf(read(provider, "with space"))).toBe("s3cret-fixture");
    const findings = await provider.diagnose?.(forever);
    expect(findings?.map(({ code }) => code)).toContain("static-mount");
  });
});

/** Creates a system clock whose timers of a second or more wait for `tick`. */
function tickingClock() {
  const due: { at: number; call: () => void }[] = [];
  let now = 0;
  const clock = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimer(call: () => void, delayMs: number): Timer {
      if (delayMs < 1000) {
        const timeout = setTimeout(call, delayMs);
        return { cancel: () => clearTimeout(timeout), keepAlive: () => undefined };
      }
      const entry = { at: now + delayMs, call };
      due.push(entry);
      return { cancel: () => void due.splice(due.indexOf(entry), 1), keepAlive: () => undefined };
    },
  };
  return {
    clock,
    tick(ms: number) {
      now += ms;
      for (const entry of due.splice(0))
        if (entry.at <= now) entry.call();
        else due.push(entry);
    },
  };
}
