import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { privateBytes } from "../contract/content.ts";
import type { Decoded } from "../decode/codec.ts";
import type { Clock } from "../time/clock.ts";
import { contentOfSecret, type Exposure, type Secret, type SecretFacts, SnapshotSecret } from "./secret.ts";

const facts: SecretFacts = { version: "v1", fetchedAt: 1_000, provider: "mount", fallback: false };
const silent: Exposure = { onReveal: () => undefined };

function textSecret(text: string, exposure: Exposure = silent): SnapshotSecret<string> {
  return new SnapshotSecret("db/primary", facts, { kind: "text", bytes: privateBytes(Buffer.from(text)) }, exposure);
}

function bytesSecret(raw: Uint8Array, exposure: Exposure = silent): SnapshotSecret<Uint8Array> {
  return new SnapshotSecret("tls/key", facts, { kind: "bytes", bytes: privateBytes(raw) }, exposure);
}

function valueSecret<T>(value: T): SnapshotSecret<T> {
  return new SnapshotSecret<T>("db/primary", facts, { kind: "value", value }, silent);
}

describe("reveal", () => {
  test("returns text, memoised", () => {
    const secret = textSecret("s3cret-é😀");
    expect(secret.reveal()).toBe("s3cret-é😀");
    expect(secret.reveal()).toBe("s3cret-é😀");
  });

  test("returns a new copy of bytes each time", () => {
    const secret = bytesSecret(Uint8Array.of(1, 2, 255));
    secret.reveal().fill(0);
    expect(secret.reveal()).toEqual(Uint8Array.of(1, 2, 255));
  });

  test("returns the same structured value each time", () => {
    const value = { username: "u" };
    const secret = valueSecret(value);
    expect(secret.reveal()).toBe(value);
    expect(secret.reveal()).toBe(value);
  });

  test.each<[string, (exposure: Exposure) => SnapshotSecret<unknown>]>([
    ["text", (exposure) => textSecret("x", exposure)],
    ["bytes", (exposure) => bytesSecret(Uint8Array.of(1), exposure)],
    ["undefined", (exposure) => new SnapshotSecret("a", facts, { kind: "value", value: undefined }, exposure)],
  ])("reports the exposure of %s once, with the value before it is returned", (_, create) => {
    const told: Array<[unknown, Decoded<unknown>]> = [];
    const secret = create({ onReveal: (of, decoded) => void told.push([of, decoded]) });
    expect(told).toEqual([]);
    secret.reveal();
    secret.reveal();
    expect(told).toHaveLength(1);
    expect(told[0]?.[0]).toBe(secret);
    expect(told[0]?.[1]).toBe(contentOfSecret(secret));
  });

  test("returns nothing if the exposure cannot be reported, and reports it again at the next attempt", () => {
    let attempts = 0;
    const secret = textSecret("s3cret-fixture", {
      onReveal() {
        attempts++;
        if (attempts < 3) throw new Error("no registry");
      },
    });
    expect(() => secret.reveal()).toThrow("no registry");
    expect(() => secret.reveal()).toThrow("no registry");
    expect(secret.reveal()).toBe("s3cret-fixture");
  });

  test.each<[string, (exposure: Exposure) => SnapshotSecret<unknown>, unknown]>([
    ["text", (exposure) => textSecret("x", exposure), "x"],
    ["bytes", (exposure) => bytesSecret(Uint8Array.of(1), exposure), Uint8Array.of(1)],
  ])("reports every reveal of %s to an audit, after the first exposure", (_, create, expected) => {
    const log: string[] = [];
    const secret = create({ onReveal: () => void log.push("first"), everyReveal: () => void log.push("every") });
    for (let i = 0; i < 3; i++) expect(secret.reveal()).toEqual(expected);
    expect(log).toEqual(["first", "every", "every", "every"]);
  });
});

describe("the end", () => {
  const clock = { now: () => 1_000, monotonic: () => 0 } as Clock;

  test.each<[string, number | undefined, number | undefined, number]>([
    ["that the store tells", 1_500, undefined, 1_500],
    ["that the value tells", undefined, 1_400, 1_400],
    ["of the store where it is earlier", 1_300, 1_400, 1_300],
    ["of the value where it is earlier", 1_500, 1_400, 1_400],
  ])("is the one %s, also after an audited reveal", (_, store, own, expected) => {
    const secret = new SnapshotSecret(
      "x",
      store === undefined ? facts : { ...facts, expiresAt: new Date(store) },
      { kind: "value", value: 1, ...(own === undefined ? {} : { expiresAt: new Date(own) }) },
      { ...silent, everyReveal: () => undefined },
    );
    secret.reveal();
    expect(secret.meta.expiresAt).toEqual(new Date(expected));
    expect(secret.untilEndMs(clock)).toBe(expected - 1_000);
  });
});

describe("meta", () => {
  test("is frozen, complete and made of copies", () => {
    const createdAt = new Date(500);
    const labels = { team: "a" };
    const full = new SnapshotSecret(
      "x",
      { ...facts, createdAt, expiresAt: new Date(900), composite: true, labels, fallback: true },
      { kind: "value", value: 1 },
      silent,
    );
    expect(full.meta).toEqual({
      version: "v1",
      fetchedAt: new Date(1_000),
      confirmedAt: new Date(1_000),
      createdAt: new Date(500),
      expiresAt: new Date(900),
      provider: "mount",
      fallback: true,
      composite: true,
      labels: { team: "a" },
    });
    full.meta.createdAt?.setTime(0);
    expect(full.meta.createdAt).toEqual(new Date(500));
    expect(Object.isFrozen(full.meta) && Object.isFrozen(full.meta.labels)).toBe(true);
  });

  test("has no keys for unknown facts", () => {
    expect(Object.keys(textSecret("x").meta).sort()).toEqual([
      "confirmedAt",
      "fallback",
      "fetchedAt",
      "labels",
      "provider",
      "version",
    ]);
  });
});

describe("a deep comparison", () => {
  const made = (reference: string, version: string): SnapshotSecret<string> =>
    new SnapshotSecret(reference, { ...facts, version }, { kind: "value", value: "s3cret" }, silent);

  test.each([
    ["of different names", made("a", "1"), made("b", "1")],
    ["before and after a rotation", made("a", "1"), made("a", "2")],
  ])("distinguishes two Secrets: %s", (_which, one, other) => {
    expect(isDeepStrictEqual(one, other)).toBe(false);
    expect(one).not.toEqual(other);
  });

  test("treats two Secrets of the same name and version as equal", () => {
    expect(isDeepStrictEqual(made("a", "1"), made("a", "1"))).toBe(true);
  });

  test("and a copy of its members show name and version, and no value", () => {
    expect({ ...made("a", "1") }).toEqual({ reference: "a", version: "1" });
  });
});

describe("equals", () => {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

  test.each<[string, Secret<unknown>, unknown, boolean]>([
    ["text and the same string", textSecret("s3cret"), "s3cret", true],
    ["text and another string", textSecret("s3cret"), "s3creT", false],
    ["text and a prefix", textSecret("s3cret"), "s3cre", false],
    ["text and nothing", textSecret("s3cret"), "", false],
    ["empty text and nothing", textSecret(""), "", true],
    ["text and its bytes", textSecret("é"), utf8("é"), true],
    ["text and the same text", textSecret("é"), textSecret("é"), true],
    ["text and other text", textSecret("é"), textSecret("e"), false],
    ["bytes and their text", bytesSecret(utf8("s3cret")), "s3cret", true],
    ["bytes and the same bytes", bytesSecret(Uint8Array.of(255, 0)), Uint8Array.of(255, 0), true],
    ["bytes and other bytes", bytesSecret(Uint8Array.of(255, 0)), Uint8Array.of(255, 1), false],
    ["a decoded string and itself", valueSecret("s3cret"), "s3cret", true],
    ["structures in another order", valueSecret({ a: 1, b: ["x"] }), valueSecret({ b: ["x"], a: 1 }), true],
    ["structures with another value", valueSecret({ a: 1 }), valueSecret({ a: "1" }), false],
    ["structures with more members", valueSecret({ a: 1 }), valueSecret({ a: 1, b: undefined }), false],
    ["arrays in another order", valueSecret([1, 2]), valueSecret([2, 1]), false],
    ["binary members", valueSecret({ k: Uint8Array.of(1) }), valueSecret({ k: Uint8Array.of(1) }), true],
    ["dates", valueSecret({ at: new Date(1) }), valueSecret({ at: new Date(2) }), false],
    ["a structure and its JSON", valueSecret({ a: 1 }), '{"a":1}', false],
    [
      "foreign classes, which may hide anything",
      valueSecret(new URL("http://a")),
      valueSecret(new URL("http://b")),
      false,
    ],
    ["text and no candidate", textSecret("s3cret"), undefined, false],
    ["text and a number", textSecret("5"), 5, false],
    ["text and a Secret of another make", textSecret("s3cret"), { reveal: () => "s3cret" }, true],
  ])("compares %s", (_, secret, candidate, expected) => {
    expect(secret.equals(candidate as never)).toBe(expected);
  });

  test("a Secret equals itself, whatever its value", () => {
    const secret = valueSecret(() => 1);
    expect(secret.equals(secret)).toBe(true);
    expect(secret.equals(valueSecret(() => 1))).toBe(false);
  });

  test("exposes neither side", () => {
    const fail: Exposure = {
      onReveal() {
        throw new Error("exposed");
      },
    };
    expect(textSecret("s3cret", fail).equals(textSecret("s3cret", fail))).toBe(true);
  });

  test("survives structures too deep to compare", () => {
    const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) as unknown;
    expect(valueSecret(deep).equals(valueSecret(deep))).toBe(false);
  });

  test("holds for every text and its own bytes, revealed or not, and for no other text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (text, other) => {
        const secret = textSecret(text, { ...silent, everyReveal: () => undefined });
        expect(secret.equals(text)).toBe(true);
        secret.reveal();
        expect(secret.equals(text)).toBe(true);
        expect(secret.equals(other)).toBe(text === other);
      }),
    );
  });
});

test("contentOfSecret reads only Secrets, and the class of a Secret does not expose it", () => {
  const secret = textSecret("s3cret");
  expect(contentOfSecret(secret)?.kind).toBe("text");
  for (const other of [undefined, null, "x", {}, Object.create(SnapshotSecret.prototype)]) {
    expect(contentOfSecret(other)).toBeUndefined();
  }
  expect(Object.getOwnPropertyNames(secret.constructor).sort()).toEqual(["length", "name", "prototype"]);
});
