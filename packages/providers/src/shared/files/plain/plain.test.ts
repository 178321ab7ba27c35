import { execFileSync, fork } from "node:child_process";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listen, openFixture, read, textOf } from "../../../../test/file/file-fixture.ts";
import { nodeFileSystem } from "../file-system.ts";

const gone = { status: "not-found", definitive: true };
/** An age above which a file is read only once. */
const longAgo = new Date("2026-01-01");

function put(root: string, path: string, content: string): string {
  const file = join(root, path);
  fs.mkdirSync(join(file, ".."), { recursive: true });
  fs.writeFileSync(`${root}-next`, content);
  fs.renameSync(`${root}-next`, file);
  return file;
}

describe("plain files and directories", () => {
  test("a file is a value, a directory has fields, and a missing path is not-found", async () => {
    await using fixture = openFixture();
    put(fixture.root, "db/username", "app\n");
    put(fixture.root, "db/tls/tls.key", "s3cret-fixture");
    put(fixture.root, ".dockerconfigjson", "{}");
    fs.mkdirSync(join(fixture.root, "empty"));
    const provider = fixture.open();
    expect(await textOf(read(provider, "db"))).toEqual({ username: "app\n", "tls/tls.key": "s3cret-fixture" });
    expect(await textOf(read(provider, "db/username"))).toBe("app\n");
    expect(await textOf(read(provider, ".dockerconfigjson"))).toBe("{}");
    expect(await read(provider, "empty")).toEqual(gone);
    expect(await read(provider, "none/at/all")).toEqual(gone);
    expect(await read(provider, "db/username/deeper")).toEqual(gone);
  });

  test("a directory omits files that agents and editors leave behind, which can still be read by name", async () => {
    await using fixture = openFixture();
    for (const name of ["token", "token.bak", "token.old.bak", "token.tmp.4f2a"]) put(fixture.root, name, name);
    const provider = fixture.open();
    expect(await textOf(read(provider, "."))).toEqual({ token: "token" });
    expect(await textOf(read(provider, "token.bak"))).toBe("token.bak");
  });

  test("a name of digits is a field only if it still exists 0.1 s later", async () => {
    await using fixture = openFixture();
    put(fixture.root, "token", "s3cret-fixture");
    const temporary = put(fixture.root, "1234567", "half");
    const provider = fixture.open();
    const reading = textOf(read(provider, "."));
    fs.renameSync(temporary, join(fixture.root, "token"));
    expect(await reading).toEqual({ token: "half" });
    put(fixture.root, "42", "kept");
    expect(await textOf(read(provider, "."))).toEqual({ token: "half", 42: "kept" });
  });

  test("the version and the date of a file depend on its content", async () => {
    await using fixture = openFixture();
    fs.utimesSync(put(fixture.root, "token", "s3cret-fixture"), longAgo, longAgo);
    const provider = fixture.open();
    const first = await read(provider, "token");
    expect(first).toMatchObject({ status: "ok", createdAt: longAgo });
    if (first.status !== "ok") return;
    put(fixture.root, "token", "s3cret-fixture");
    expect(await read(provider, "token", first.version)).toEqual({ status: "not-modified", version: first.version });
  });
});

describe("files that change", () => {
  test("after 1,000 renames, the last content is returned", async () => {
    await using fixture = openFixture();
    put(fixture.root, "token", "0");
    const recorder = await listen(fixture.open(), "token");
    for (let round = 1; round <= 1000; round++) put(fixture.root, "token", `${round}`);
    await recorder.hears("token", "1000");
  });

  test("two equal reads are not accepted if the file was written in between", async () => {
    let rewrites = 3;
    const clock = {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      setTimer(call: () => void, delayMs: number) {
        const rewriting = (): void => {
          if (rewrites > 0) fs.writeFileSync(join(fixture.root, "token"), --rewrites > 0 ? "s3cret" : "s3cret-fixture");
          call();
        };
        const timeout = setTimeout(rewriting, delayMs);
        return { cancel: () => clearTimeout(timeout), keepAlive: () => undefined };
      },
    };
    await using fixture = openFixture({ clock });
    fs.writeFileSync(join(fixture.root, "token"), "s3cret");
    expect(await textOf(read(fixture.open(), "token"))).toBe("s3cret-fixture");
  });

  test("a file that is truncated and written in chunks is never returned incomplete", { timeout: 60_000 }, async () => {
    await using fixture = openFixture();
    const whole = /^(\d+):x{4000}:\1$/;
    put(fixture.root, "token", `0:${"x".repeat(4000)}:0`);
    const provider = fixture.open();
    const writer = fork(
      join(import.meta.dirname, "../../../../test/file/chunk-writer-process.ts"),
      [join(fixture.root, "token"), "2000"],
      {
        execArgv: [],
      },
    );
    const ended = new Promise<readonly number[]>((resolve) => writer.once("message", resolve as never));
    const recorder = await listen(provider, "token");
    const last = recorder.hears("token", `2000:${"x".repeat(4000)}:2000`);
    let isDone = false;
    const torn = new Set<number>();
    const reading = (async () => {
      while (!isDone) {
        const text = await textOf(read(provider, "token")).catch((error: unknown) => error);
        // On a slow machine the file may keep changing, which is an error of this path only.
        if (typeof text !== "string")
          expect(text).toMatchObject({ code: "UNAVAILABLE", reason: "unsettled", scope: "path" });
        else if (!whole.test(text)) torn.add(Number.parseInt(text, 10));
      }
    })();
    const [stalled] = await Promise.all([ended, last]);
    isDone = true;
    await reading;
    // A truncated, empty file belongs to no round.
    if (stalled.length > 0) torn.delete(Number.NaN);
    expect([...torn].filter((round) => !stalled.includes(round))).toEqual([]);
  });

  test("a file appears, disappears and appears again, also with its directory", async () => {
    await using fixture = openFixture();
    const recorder = await listen(fixture.open(), "db/token");
    for (const round of ["1", "2", "3"]) {
      put(fixture.root, "db/token", round);
      await recorder.hears("db/token", round);
      fs.rmSync(join(fixture.root, round === "2" ? "db" : "db/token"), { recursive: true });
      await recorder.hears("db/token", gone);
    }
  });

  test("a plain directory that becomes a volume is read and watched as one", async () => {
    await using fixture = openFixture();
    put(fixture.root, "db/token", "plain");
    const recorder = await listen(fixture.open(), "db");
    await recorder.hears("db", { token: "plain" });
    const writer = await fixture.writer("db");
    fs.rmSync(join(fixture.root, "db/token"));
    await Promise.all([writer.write({ token: "first" }), recorder.hears("db", { token: "first" })]);
    await Promise.all([writer.write({ token: "second" }), recorder.hears("db", { token: "second" })]);
  });

  test("with watch: poll, the state of a path is `poll`, and polling finds a change", async () => {
    await using fixture = openFixture();
    put(fixture.root, "token", "1");
    const recorder = await listen(fixture.open({ watch: "poll" }), "token");
    expect(recorder.subscription.state).toEqual({ mode: "poll", code: "polling" });
    put(fixture.root, "token", "2");
    await recorder.hears("token", "2");
  });
});

describe("unreadable files", () => {
  test("a FIFO, a socket and a device are INVALID_VALUE immediately", async () => {
    await using fixture = openFixture();
    execFileSync("mkfifo", [join(fixture.root, "fifo")]);
    const server = createServer().listen(join(fixture.root, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    fs.symlinkSync("/dev/zero", join(fixture.root, "device"));
    const provider = fixture.open({ followExternalLinks: true });
    for (const path of ["fifo", "socket", "device"])
      await expect(read(provider, path)).rejects.toMatchObject({ code: "INVALID_VALUE", reason: "not-a-file" });
    server.close();
  });

  test("a file without an end is read up to the size limit", async () => {
    await using fixture = openFixture();
    put(fixture.root, "token", "x");
    let bytes = 0;
    const endless = {
      stat: async () => fs.statSync(join(fixture.root, "token")),
      close: async () => undefined,
      read: async (buffer: Uint8Array, offset: number, length: number) => {
        bytes += length;
        return { bytesRead: length, buffer, offset };
      },
    };
    const fileSystem = {
      ...nodeFileSystem,
      promises: { ...nodeFileSystem.promises, open: (async () => endless) as never },
    };
    const provider = fixture.open({ maxBytes: 4096 }, fileSystem);
    await expect(read(provider, "token")).rejects.toMatchObject({ code: "INVALID_VALUE", reason: "too-large" });
    expect(bytes).toBeLessThan(3 * 4096);
  });

  test("a link that leaves the root is INVALID_VALUE, unless the option allows it", async () => {
    await using fixture = openFixture();
    fs.writeFileSync(`${fixture.root}-outside`, "s3cret-fixture");
    fs.symlinkSync(`${fixture.root}-outside`, join(fixture.root, "token"));
    const failure = { code: "INVALID_VALUE", reason: "outside-root" };
    for (const path of ["token", "."]) await expect(read(fixture.open(), path)).rejects.toMatchObject(failure);
    expect(await textOf(read(fixture.open({ followExternalLinks: true }), "token"))).toBe("s3cret-fixture");
  });

  test("a link inside the root is followed, and a dangling one is not-found", async () => {
    await using fixture = openFixture();
    put(fixture.root, "versions/2/token", "s3cret-fixture");
    fs.symlinkSync("versions/2", join(fixture.root, "current"));
    fs.symlinkSync("nowhere", join(fixture.root, "dangling"));
    expect(await textOf(read(fixture.open(), "current/token"))).toBe("s3cret-fixture");
    expect(await read(fixture.open(), "dangling")).toEqual(gone);
  });

  test("sockets and circular links are not fields of their directory", async () => {
    await using fixture = openFixture();
    put(fixture.root, "db/password", "s3cret-fixture");
    fs.symlinkSync("b", join(fixture.root, "db/a"));
    fs.symlinkSync("a", join(fixture.root, "db/b"));
    const server = createServer().listen(join(fixture.root, "db/agent.sock"));
    await new Promise((resolve) => server.once("listening", resolve));
    expect(await textOf(read(fixture.open(), "db"))).toEqual({ password: "s3cret-fixture" });
    server.close();
  });

  test("a FIFO in a directory is an error with its name, since it may be intended for a secret", async () => {
    await using fixture = openFixture();
    put(fixture.root, "db/password", "s3cret-fixture");
    execFileSync("mkfifo", [join(fixture.root, "db/.env")]);
    const failure = { code: "INVALID_VALUE", reason: "not-a-file", message: expect.stringContaining('"db/.env"') };
    await expect(read(fixture.open(), "db")).rejects.toMatchObject(failure);
  });

  test.each(["lstat", "readdir"] as const)(
    "a directory that disappears before its %s does not affect the other files, even at the first read",
    async (call) => {
      await using fixture = openFixture();
      put(fixture.root, "db/password", "s3cret-fixture");
      put(fixture.root, "db/next/password", "half");
      const gonePath = join(fixture.root, "db/next");
      const real = nodeFileSystem.promises[call] as (file: string, ...more: unknown[]) => Promise<unknown>;
      const vanishing = async (file: string, ...more: unknown[]): Promise<unknown> => {
        if (file === gonePath) fs.rmSync(gonePath, { recursive: true, force: true });
        return real(file, ...more);
      };
      const fileSystem = { ...nodeFileSystem, promises: { ...nodeFileSystem.promises, [call]: vanishing as never } };
      expect(await textOf(read(fixture.open({}, fileSystem), "db"))).toEqual({ password: "s3cret-fixture" });
      expect(fs.existsSync(gonePath)).toBe(false);
    },
  );

  test("the error of a root that is a file says so", async () => {
    await using fixture = openFixture();
    const root = put(fixture.root, "token", "x");
    const failure = { code: "UNAVAILABLE", reason: "root-not-a-directory" };
    await expect(read(fixture.open({ root }), "x")).rejects.toMatchObject(failure);
  });
});
