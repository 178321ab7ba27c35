import { type ConformanceHost, conformanceHost } from "@tacit/core/conformance";
import { describe, expect, test } from "vitest";
import { testFiles, testHybridIdentity, testIdentity } from "../../../test/age/vectors.ts";
import { forever } from "../../../test/file/file-fixture.ts";
import type { WrappedKey } from "./key-service.ts";
import { openKeys } from "./open-keys.ts";
import type { KeyOptions } from "./options.ts";

const localKey = Buffer.alloc(32, 9).toString("base64");
const dataKey = Buffer.from("s3cret-fixture-of-32-bytes-here!");
const local: KeyOptions = { use: "local", key: { $env: "LOCAL" } };
const age: KeyOptions = { use: "age", identity: { $env: "AGE" } };

/** Creates a host that counts the reads of each credential. */
function hostOf(texts: Readonly<Record<string, string>>): { readonly host: ConformanceHost; readonly reads: string[] } {
  const reads: string[] = [];
  const host = conformanceHost({
    async credential(source) {
      const name = "$env" in source ? source.$env : "";
      reads.push(name);
      return Buffer.from(texts[name] ?? "");
    },
  });
  return { host, reads };
}

describe("a local key", () => {
  test.each([localKey, localKey.replace("=", ""), Buffer.from(localKey, "base64").toString("hex"), `${localKey}\n`])(
    "wraps and unwraps, written as %j",
    async (text) => {
      const { host } = hostOf({ LOCAL: text });
      const wrapped = await openKeys([local], host).wrap(dataKey, { name: "db" }, forever);
      expect(JSON.stringify(wrapped)).not.toContain("s3cret");
      const opened = await openKeys([local], hostOf({ LOCAL: localKey }).host).unwrap([wrapped], forever);
      expect(Buffer.from(opened)).toEqual(dataKey);
    },
  );

  test("does not unwrap for another context, with another key, or after a change", async () => {
    const { host } = hostOf({ LOCAL: localKey });
    const wrapped = await openKeys([local], host).wrap(dataKey, { name: "db" }, forever);
    if (wrapped.use !== "local") throw new Error("not local");
    const changed = `${wrapped.ciphertext.slice(0, 20)}${wrapped.ciphertext[20] === "A" ? "B" : "A"}${wrapped.ciphertext.slice(21)}`;
    const variants: WrappedKey[] = [
      { ...wrapped, context: { name: "other" } },
      { ...wrapped, ciphertext: changed },
      { ...wrapped, ciphertext: "" },
    ];
    for (const variant of variants)
      await expect(openKeys([local], host).unwrap([variant], forever)).rejects.toMatchObject({ reason: "no-key" });
    const other = hostOf({ LOCAL: Buffer.alloc(32, 8).toString("base64") }).host;
    await expect(openKeys([local], other).unwrap([wrapped], forever)).rejects.toMatchObject({ reason: "no-key" });
  });

  test.each(["", "short", Buffer.alloc(31).toString("base64"), Buffer.alloc(33).toString("base64")])(
    "%j is refused as a key",
    async (text) => {
      const keys = openKeys([local], hostOf({ LOCAL: text }).host);
      await expect(keys.wrap(dataKey, {}, forever)).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
        reason: "key-format",
      });
    },
  );
});

describe("several keys", () => {
  test("the first one wraps, and each unwraps the data keys wrapped for it", async () => {
    const { host } = hostOf({ LOCAL: localKey, AGE: testIdentity });
    const both = openKeys([age, local], host);
    const wrapped = await both.wrap(dataKey, {}, forever);
    expect(wrapped.use).toBe("age");
    const forLocal = await openKeys([local], host).wrap(dataKey, {}, forever);
    for (const each of [wrapped, forLocal]) expect(Buffer.from(await both.unwrap([each], forever))).toEqual(dataKey);
  });

  test("a data key is cached, owned by the caller, and registered with the redactor", async () => {
    const { host, reads } = hostOf({ LOCAL: localKey });
    const keys = openKeys([local], host);
    const wrapped = await keys.wrap(dataKey, {}, forever);
    (await keys.unwrap([wrapped], forever)).fill(0);
    const before = reads.length;
    expect(Buffer.from(await keys.unwrap([wrapped], forever))).toEqual(dataKey);
    expect(reads.length).toBe(before);
    expect(host.protected.some(({ value }) => Buffer.from(value).equals(dataKey))).toBe(true);
  });

  test("all keys that they read and unwrap stay registered with the redactor, which keeps the last value of a name", async () => {
    const second = Buffer.alloc(32, 8).toString("base64");
    const { host } = hostOf({ LOCAL: localKey, SECOND: second, AGE: `${testIdentity}\n${testHybridIdentity}` });
    const keys = openKeys([local, { use: "local", key: { $env: "SECOND" } }, age], host);
    const otherKey = Buffer.from("s3cret-fixture-of-other-32-bytes");
    const forSecond = await openKeys([{ use: "local", key: { $env: "SECOND" } }], host).wrap(otherKey, {}, forever);
    await keys.unwrap([await keys.wrap(dataKey, {}, forever)], forever);
    await keys.unwrap([forSecond], forever);
    await keys.unwrap([{ use: "age", file: testFiles.x25519 }], forever);
    const known = new Map(host.protected.map(({ value, name }) => [name, Buffer.from(value).toString("latin1")]));
    for (const value of [localKey, second, testIdentity, testHybridIdentity, dataKey, otherKey])
      expect([...known.values()], `${value}`).toContain(Buffer.from(value).toString("latin1"));
  });

  test("no attempt starts after the deadline, even if a file has many wrapped keys", async () => {
    const { host } = hostOf({ AGE: testIdentity });
    const abort = new AbortController();
    let attempts = 0;
    const counting: ConformanceHost = {
      ...host,
      async credential(source) {
        attempts += 1;
        abort.abort(new Error("too late"));
        return host.credential(source);
      },
    };
    const wrapped = Array.from({ length: 100 }, (): WrappedKey => ({ use: "age", file: testFiles.hybrid }));
    await expect(openKeys([age], counting).unwrap(wrapped, { signal: abort.signal })).rejects.toThrow("too late");
    expect(attempts).toBe(1);
  });

  test("unwrapped data keys are wiped and removed by close", async () => {
    const { host, reads } = hostOf({ LOCAL: localKey });
    const keys = openKeys([local], host);
    const wrapped = await keys.wrap(dataKey, {}, forever);
    await keys.unwrap([wrapped], forever);
    await keys.close();
    const before = reads.length;
    await keys.unwrap([wrapped], forever);
    expect(reads.length).toBeGreaterThan(before);
  });

  test("a key that cannot be used is reported only if no other can unwrap", async () => {
    const { host } = hostOf({ LOCAL: localKey, AGE: "junk" });
    const forLocal = await openKeys([local], host).wrap(dataKey, {}, forever);
    const both = openKeys([age, local], host);
    const forAge: WrappedKey = { use: "age", file: testFiles.x25519 };
    expect(Buffer.from(await both.unwrap([forAge, forLocal], forever))).toEqual(dataKey);
    await expect(both.unwrap([forAge], forever)).rejects.toMatchObject({ reason: "key-format" });
  });

  test("the error of a data key for other kinds of keys contains both kinds", async () => {
    const keys = openKeys([local], hostOf({ LOCAL: localKey }).host);
    await expect(keys.unwrap([{ use: "age", file: testFiles.x25519 }], forever)).rejects.toMatchObject({
      code: "INVALID_VALUE",
      reason: "no-key",
      message: "is encrypted for age, but no configured key can decrypt it (local)",
    });
    await expect(keys.unwrap([], forever)).rejects.toMatchObject({ reason: "no-key" });
  });
});
