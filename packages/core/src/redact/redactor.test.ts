import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { runsOf } from "../../test/seeds.ts";
import { privateBytes } from "../contract/content.ts";
import { type Secret, SnapshotSecret } from "../secret/secret.ts";
import type { Mask } from "./mask-policy.ts";
import { isMaskable } from "./parts.ts";
import { createRedactor, type Redactor, type RedactorWarning } from "./redactor.ts";

const value = "s3cret-fixture";
const other = "0ther-fixture!";

function withValues(values: Record<string, string | Uint8Array>, mask?: Mask): Redactor {
  const redactor = createRedactor();
  for (const [name, registered] of Object.entries(values)) redactor.register(registered, { name, mask });
  return redactor;
}

function secretOf<T>(decoded: ConstructorParameters<typeof SnapshotSecret<T>>[2], reveals: string[] = []): Secret<T> {
  const facts = { version: "1", fetchedAt: 0, provider: "p", fallback: false };
  return new SnapshotSecret<T>("db", facts, decoded, { onReveal: () => void reveals.push("reveal") });
}

describe("redact", () => {
  test.each([
    ["no secret here", "no secret here"],
    [value, "[REDACTED:db]"],
    [`a ${value} b ${value}`, "a [REDACTED:db] b [REDACTED:db]"],
    [`${value}${value}`, "[REDACTED:db][REDACTED:db]"],
    [`${value}${other}`, "[REDACTED:db][REDACTED:api/key]"],
    [`😀${value}\u0301`, "😀[REDACTED:db]\u0301"],
    [`{"a":"${value}"}`, '{"a":"[REDACTED:db]"}'],
    ["", ""],
  ])("turns %j into %j", (text, expected) => {
    expect(withValues({ db: value, "api/key": other }).redact(text)).toBe(expected);
  });

  test("masks the union of overlapping and nested values, named after the first", () => {
    const redactor = withValues({ a: "abcdefgh12", b: "cdefgh1234", c: "cdefgh12" });
    expect(redactor.redact("x abcdefgh1234 y")).toBe("x [REDACTED:a] y");
    expect(redactor.redact("x cdefgh1234 y")).toBe("x [REDACTED:b] y");
    expect(redactor.redact("x cdefgh12 y")).toBe("x [REDACTED:c] y");
    expect(redactor.find("x abcdefgh1234 y")).toEqual(["a", "b", "c"]);
  });

  test("masks a value that overlaps itself as one", () => {
    expect(withValues({ a: "abcabcabc" }).redact("xabcabcabcabcabcx")).toBe("x[REDACTED:a]x");
    expect(withValues({ a: "a".repeat(20) }, "always").redact("a".repeat(100_000))).toBe("[REDACTED:a]");
  });

  test("masks a value with and without its outer white space", () => {
    const redactor = withValues({ db: `  ${value}\r\n` });
    expect(redactor.redact(`[${value}]`)).toBe("[[REDACTED:db]]");
    expect(redactor.redact(`[  ${value}\r\n]`)).toBe("[[REDACTED:db]]");
  });

  test("treats the characters of a value literally, and omits a name that contains a value", () => {
    const redactor = withValues({ 'a"b\n$&': "se(cret.*)$&[x" });
    expect(redactor.redact("x se(cret.*)$&[x y")).toBe("x [REDACTED:a_b___] y");
    expect(redactor.redact("x secrettt y")).toBe("x secrettt y");
  });

  test("never prints a value inside a marker, and is idempotent then too", () => {
    const redactor = withValues({ "stripe/api-key": "stripe/api-key" });
    expect(redactor.redact("stripe/api-key")).toBe("[REDACTED]");
    expect(redactor.redact(redactor.redact("stripe/api-key"))).toBe("[REDACTED]");
    expect(withValues({ x: "[REDACTED:" }, "always").redact("[REDACTED:")).toBe("[REDACTED:");
  });

  test("masks bytes that are text as text, others one character a byte", () => {
    const redactor = withValues({
      text: Buffer.from("pässwört-1"),
      raw: Uint8Array.from([255, 1, 2, 3, 254, 4, 5, 6]),
    });
    expect(redactor.redact("x pässwört-1 y")).toBe("x [REDACTED:text] y");
    expect(redactor.redact("x \xff\x01\x02\x03\xfe\x04\x05\x06 y")).toBe("x [REDACTED:raw] y");
  });

  test("leaves no value in any text, keeps all else, and changes nothing twice", () => {
    const secret = fc.stringMatching(/^[a-z0-9]{8,14}$/).filter((text) => isMaskable(text, "auto"));
    const filler = fc.stringMatching(/^[ A-Z{}",:\\%\n]{0,6}$/);
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(filler, fc.nat(4))),
        (all, parts) => {
          const redactor = createRedactor();
          for (const [index, registered] of all.entries()) redactor.register(registered, { name: `N${index}` });
          const text = parts.map(([before, index]) => before + (all[index % all.length] ?? "")).join("");
          const masked = redactor.redact(text);
          for (const registered of all) expect(masked).not.toContain(registered);
          expect(masked.replace(/\[REDACTED:N\d]/g, "")).toBe(parts.map(([before]) => before).join(""));
          expect(redactor.redact(masked)).toBe(masked);
          expect(redactor.find(masked)).toEqual([]);
        },
      ),
      { numRuns: runsOf(500) },
    );
  });

  test("leaves 1,000 lines without a secret as they are", () => {
    const redactor = withValues({
      a: value,
      b: "eyJhbGciOiJIUzI1NiJ9.secret",
      c: "8f14e45f-ceea-467f-a9c5-0d8f6d1c7c11",
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.uuid(), fc.stringMatching(/^[0-9a-f]{40}$/), fc.date().map(String), fc.json()),
        (line) => {
          expect(redactor.redact(line)).toBe(line);
        },
      ),
      { numRuns: runsOf(1000) },
    );
  });

  test("gives a fixed line for what cannot be read, and does not throw", () => {
    const hostile = {
      toString: () => {
        throw new Error(value);
      },
    };
    const redactor = withValues({ db: value });
    expect(redactor.redact(hostile as never)).toBe("[REDACTED: could not be checked]");
    expect(redactor.find(hostile as never)).toEqual([]);
  });
});

describe("the mask", () => {
  test.each([
    "",
    " ",
    "short",
    "test",
    "true",
    "8080",
    "password",
    "PostgreSQL",
    "eu-west-1",
    "us-gov-east-1",
    "europe-west4",
    "northamerica-northeast1",
    "us-east-1a",
    "asia-southeast1-b",
    "20240131",
    "127.0.0.1:5432",
    "2024-01-31",
    "xxxxxxxx",
    "----------",
    "redacted",
    process.cwd().split("/").at(-1) ?? "",
  ])("auto does not mask %j, and says so once, without the value", (common) => {
    const warnings: RedactorWarning[] = [];
    const redactor = createRedactor({ onWarning: (warning) => void warnings.push(warning) });
    redactor.register(common, { name: "n" });
    redactor.register(common, { name: "n" });
    expect(redactor.redact(`a ${common} b`)).toBe(`a ${common} b`);
    expect(redactor.stats()).toMatchObject({ unmaskable: 1, values: 0 });
    expect(warnings).toEqual([
      { code: "unmaskable", name: "n", message: "n has a value that is too short or too common to mask in logs" },
    ]);
  });

  test.each([
    "s3cret-fixture",
    "correct horse",
    "123456789012",
    "12#34$56",
    "Passw0rd!",
    "aaaabbbbc",
    "sunny-coffee-table-7",
    "app-WATfZvKrhtV9",
    "us-teapots-1",
  ])("auto masks %j", (secret) => {
    expect(withValues({ n: secret }).redact(`<${secret}>`)).toBe("<[REDACTED:n]>");
  });

  test("always masks from four characters on, short values as whole words only", () => {
    const redactor = withValues({ pin: "8080", word: "password", tiny: "abc" }, "always");
    expect(redactor.redact("pin=8080, 18080, 8080_x, password1 abc")).toBe(
      "pin=[REDACTED:pin], 18080, 8080_x, [REDACTED:word]1 abc",
    );
    expect(redactor.stats().unmaskable).toBe(1);
  });

  test("never masks nothing, and is not warned about", () => {
    const redactor = withValues({ host: value }, "never");
    expect(redactor.redact(value)).toBe(value);
    expect(redactor.stats()).toMatchObject({ values: 0, unmaskable: 0 });
  });

  test("of one registration does not hinder another's of the same value", () => {
    const redactor = createRedactor();
    redactor.register(value, { name: "host", mask: "never" });
    redactor.register(value, { name: "password" });
    expect(redactor.redact(value)).toBe("[REDACTED:password]");
  });

  test("drops what a warning listener throws", () => {
    const redactor = createRedactor({
      onWarning: () => {
        throw new Error("listener");
      },
    });
    expect(() => redactor.register("x", { name: "n" })()).not.toThrow();
  });

  test("isMaskable answers beforehand", () => {
    expect(isMaskable("8080", "auto")).toBe(false);
    expect(isMaskable("8080", "always")).toBe(true);
    expect(isMaskable(value, "never")).toBe(false);
    expect(isMaskable(secretOf({ kind: "value", value: { host: "db", password: value } }), "auto")).toBe(true);
    expect(isMaskable(secretOf({ kind: "value", value: { host: "db" } }), "auto")).toBe(false);
  });
});

describe("register", () => {
  test("reads a Secret without revealing it", () => {
    const reveals: string[] = [];
    const redactor = createRedactor();
    redactor.register(secretOf({ kind: "text", bytes: privateBytes(Buffer.from(value)) }, reveals), { name: "text" });
    redactor.register(secretOf({ kind: "bytes", bytes: privateBytes(Buffer.from(other)) }, reveals), { name: "bytes" });
    expect(redactor.redact(`${value} ${other}`)).toBe("[REDACTED:text] [REDACTED:bytes]");
    expect(reveals).toEqual([]);
  });

  test("finds every leaf of a structured Secret, whatever holds it, and survives cycles and depth", () => {
    const cyclic: Record<string, unknown> = {
      list: ["leaf-in-list"],
      map: new Map([["k", "leaf-in-map"]]),
      set: new Set([{ a: "leaf-in-set" }]),
      bytes: Buffer.from("leaf-in-bytes"),
      number: 123_456_789_012,
      url: new URL("https://user:pw@host/path"),
      deep: JSON.parse(`${"[".repeat(10_000)}${"]".repeat(10_000)}`),
    };
    cyclic.self = cyclic;
    const redactor = createRedactor();
    redactor.register(secretOf({ kind: "value", value: cyclic }), { name: "n" });
    for (const leaf of [
      "leaf-in-list",
      "leaf-in-map",
      "leaf-in-set",
      "leaf-in-bytes",
      "123456789012",
      "https://user:pw@host/path",
    ]) {
      expect(redactor.redact(leaf), leaf).toBe("[REDACTED:n]");
    }
  });

  test("takes a Secret of another make by what it reveals, and ignores what is none", () => {
    const redactor = createRedactor();
    redactor.register({ reveal: () => value } as never, { name: "n" });
    for (const none of [
      undefined,
      null,
      {},
      () => 1,
      {
        reveal: () => {
          throw new Error("closed");
        },
      },
    ]) {
      expect(() => redactor.register(none as never, { name: "none" })()).not.toThrow();
    }
    expect(redactor.redact(value)).toBe("[REDACTED:n]");
  });
});

describe("release", () => {
  test("keeps the old value of a rotation masked", () => {
    const redactor = createRedactor();
    const release = redactor.register(value, { name: "db" });
    redactor.register(other, { name: "db" });
    release();
    expect(redactor.redact(`${value} ${other}`)).toBe("[REDACTED:db] [REDACTED:db]");
    expect(redactor.stats()).toMatchObject({ values: 1, retired: 1 });
  });

  test("counts each registration once, however often it is released", () => {
    const redactor = createRedactor();
    const first = redactor.register(value, { name: "db" });
    redactor.register(value, { name: "db" });
    first();
    first();
    expect(redactor.stats()).toMatchObject({ values: 1, retired: 0 });
  });

  test("leaves an equal value to its other name", () => {
    const redactor = createRedactor();
    const release = redactor.register(value, { name: "a" });
    redactor.register(value, { name: "b" });
    expect(redactor.find(value)).toEqual(["a", "b"]);
    release();
    expect(redactor.redact(value)).toBe("[REDACTED:b]");
    expect(redactor.find(value)).toEqual(["b"]);
  });

  test("is undone by registering again", () => {
    const redactor = createRedactor();
    redactor.register(value, { name: "a" })();
    expect(redactor.stats()).toMatchObject({ values: 0, retired: 1 });
    redactor.register(value, { name: "b" });
    expect(redactor.stats()).toMatchObject({ values: 1, retired: 0 });
    expect(redactor.find(value)).toEqual(["b"]);
  });

  test("forgets the oldest beyond 2,000, never one that stands", () => {
    const redactor = createRedactor();
    redactor.register("standing-value", { name: "standing" });
    const releases = Array.from({ length: 2_003 }, (_, index) =>
      redactor.register(`retired-value-${index}-`, { name: "old" }),
    );
    for (const release of releases) release();
    expect(redactor.stats()).toMatchObject({ values: 1, retired: 2_000 });
    expect(redactor.redact("retired-value-2- retired-value-3- standing-value")).toBe(
      "retired-value-2- [REDACTED:old] [REDACTED:standing]",
    );
  });
});

describe("defaultRedactor", () => {
  afterEach(() => vi.resetModules());

  test("is shared by all copies of the package, and not enumerable", async () => {
    const first = await import("./index.ts");
    vi.resetModules();
    const second = await import("./index.ts");
    expect(second.createRedactor).not.toBe(first.createRedactor);
    const release = first.defaultRedactor.register(value, { name: "shared" });
    expect(second.defaultRedactor.redact(value)).toBe("[REDACTED:shared]");
    expect(Object.getOwnPropertyDescriptor(globalThis, Symbol.for("tacit.redactor"))?.enumerable).toBe(false);
    release();
  });
});
