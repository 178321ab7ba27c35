import { createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import { expect, test } from "vitest";
import {
  keysOf,
  newDataKey,
  openSnapshot,
  parseSnapshot,
  type SnapshotEntry,
  sealSnapshot,
} from "./snapshot-format.ts";

const wrapped = { use: "local", ciphertext: "s3cret-is-not-here" };
const at = Date.UTC(2026, 0, 2);

function entryOf(name: string, value: string | Readonly<Record<string, string>>): SnapshotEntry {
  const content =
    typeof value === "string"
      ? { kind: "value" as const, bytes: Buffer.from(value) }
      : {
          kind: "fields" as const,
          fields: new Map(Object.entries(value).map(([field, text]) => [field, Buffer.from(text)])),
        };
  return {
    name,
    stage: "current",
    references: [name],
    provider: "store",
    fallback: false,
    version: "v1",
    fetchedAt: at,
    confirmedAt: at + 1,
    expiresAt: at + 2,
    stores: [{ provider: "store", path: `p/${name}`, fingerprint: "f" }],
    content,
  };
}

const dataKey = newDataKey();
const keys = keysOf(dataKey);
const entries = [entryOf("a", "s3cret-fixture-a"), entryOf("b", { user: "u", password: "s3cret-fixture-b" })];
const text = sealSnapshot({ writtenAt: at, entries }, keys, wrapped);

interface FileText {
  format: string;
  version: number;
  key: object;
  body: string;
  seal: string;
}

interface EntryText {
  header: string;
  nonce: string;
  ciphertext: string;
}

interface BodyText {
  writtenAt: string;
  entries: EntryText[];
}

/** Returns the file with another body, under the old seal or sealed again by an attacker who has only the seal key. */
function withBody(change: (body: BodyText) => void, sealed: boolean): string {
  const file = JSON.parse(text) as FileText;
  const body = JSON.parse(file.body) as BodyText;
  change(body);
  file.body = JSON.stringify(body);
  if (sealed) file.seal = createHmac("sha256", keys.seal).update(`tacit-snapshot/1\n${file.body}`).digest("base64");
  return JSON.stringify(file);
}

function reasonOf(changed: string, other = keys): unknown {
  try {
    openSnapshot(parseSnapshot(changed), other);
    return "opened";
  } catch (error) {
    expect(JSON.stringify(error)).not.toContain("s3cret-fixture");
    return (error as { reason?: string }).reason;
  }
}

const flipped = (base64: string): string => `${base64.startsWith("A") ? "B" : "A"}${base64.slice(1)}`;
const first = ({ entries }: BodyText): EntryText => entries[0] as EntryText;
const second = ({ entries }: BodyText): EntryText => entries[1] as EntryText;

test("opens a sealed snapshot with every byte unchanged", () => {
  expect(openSnapshot(parseSnapshot(text), keys)).toEqual({ writtenAt: at, entries });
});

test("writes no value in plain text to the file", () => {
  for (const hidden of ["s3cret-fixture", Buffer.from("s3cret-fixture").toString("base64").slice(0, 16), "password"])
    expect(text).not.toContain(hidden);
});

const changes: readonly [string, (body: BodyText) => void][] = [
  ["another time of the file", (body) => Object.assign(body, { writtenAt: new Date(at + 5).toISOString() })],
  ["a dropped entry", (body) => void body.entries.pop()],
  ["entries in another order", (body) => void body.entries.reverse()],
  ["an entry twice", (body) => void body.entries.push(first(body))],
  ["another header", (body) => Object.assign(first(body), { header: first(body).header.replace('"a"', '"b"') })],
  [
    "another version in the header",
    (body) => Object.assign(first(body), { header: first(body).header.replace("v1", "v2") }),
  ],
  ["another nonce", (body) => Object.assign(first(body), { nonce: flipped(first(body).nonce) })],
  ["another ciphertext", (body) => Object.assign(first(body), { ciphertext: flipped(first(body).ciphertext) })],
  ["a shorter ciphertext", (body) => Object.assign(first(body), { ciphertext: "AAAA" })],
  [
    "swapped values",
    (body) => {
      const { nonce, ciphertext } = first(body);
      Object.assign(first(body), { nonce: second(body).nonce, ciphertext: second(body).ciphertext });
      Object.assign(second(body), { nonce, ciphertext });
    },
  ],
];

test.each(changes)("refuses %s", (_, change) => {
  expect(reasonOf(withBody(change, false))).toBe("snapshot-tampered");
});

test.each(changes.slice(4))("refuses %s even under a valid seal", (_, change) => {
  expect(reasonOf(withBody(change, true))).toBe("snapshot-tampered");
});

test.each([
  ["another key", () => reasonOf(text, keysOf(newDataKey())), "snapshot-tampered"],
  ["another seal", () => reasonOf(text.replace(/"seal":"./, '"seal":"')), "snapshot-malformed"],
  ["no JSON", () => reasonOf(text.slice(1)), "snapshot-malformed"],
  ["half a file", () => reasonOf(text.slice(0, text.length / 2)), "snapshot-malformed"],
  ["another format", () => reasonOf('{"format":"x","version":1}'), "snapshot-malformed"],
  ["a version that is not known", () => reasonOf(text.replace('"version":1', '"version":2')), "snapshot-version"],
  ["no key", () => reasonOf(JSON.stringify({ ...JSON.parse(text), key: undefined })), "snapshot-malformed"],
  ["a body that is no text", () => reasonOf(JSON.stringify({ ...JSON.parse(text), body: {} })), "snapshot-malformed"],
])("refuses %s", (_, reason, expected) => {
  expect(reason()).toBe(expected);
});

test("seals and opens values of megabytes, whose text is hashed and compared in pieces", () => {
  // Names of two code units in each character, at every offset of a piece.
  const names = ["", "x"].map((odd) => odd + "🔑".repeat(210_000));
  const value = Buffer.alloc(900_000, "v");
  const file = sealSnapshot(
    { writtenAt: at, entries: names.map((name) => entryOf(name, value.toString())) },
    keys,
    wrapped,
  );
  const { entries: opened } = openSnapshot(parseSnapshot(file), keys);
  // A difference of texts of this size would be printed.
  expect(opened.every(({ name }, index) => name === names[index])).toBe(true);
  expect(opened.every(({ content }) => content.kind === "value" && value.equals(content.bytes))).toBe(true);
  const { body, seal } = JSON.parse(file) as FileText;
  expect(createHmac("sha256", keys.seal).update(`tacit-snapshot/1\n${body}`).digest("base64")).toBe(seal);
});

test("refuses base64 of another alphabet, wherever it stands", () => {
  const large = sealSnapshot({ writtenAt: at, entries: [entryOf("a", "v".repeat(900_000))] }, keys, wrapped);
  const { body } = JSON.parse(large) as FileText;
  const file = JSON.parse(text) as FileText;
  for (const place of [100, 900_000]) {
    const changed = JSON.parse(body) as BodyText;
    const { ciphertext } = first(changed);
    first(changed).ciphertext = `${ciphertext.slice(0, place)}-${ciphertext.slice(place + 1)}`;
    file.body = JSON.stringify(changed);
    file.seal = createHmac("sha256", keys.seal).update(`tacit-snapshot/1\n${file.body}`).digest("base64");
    expect(reasonOf(JSON.stringify(file))).toBe("snapshot-malformed");
  }
});

test("parses only a short rest of a file whose seal is not verified", () => {
  const around = text.length - (JSON.parse(text) as FileText).body.length;
  expect(around).toBeLessThan(64 * 1024);
  const list = `"x":[${"1,".repeat(40_000)}1]`;
  for (const changed of [`{${list},${text.slice(1)}`, text.replace(/}\n$/, `,${list}}`), `{${list}}`])
    expect(reasonOf(changed)).toBe("snapshot-malformed");
  expect(reasonOf(text.replace(/}\n$/, ',"x":[1,2]}'))).toBe("opened");
});

test("refuses a data key of another length", () => {
  expect(() => keysOf(new Uint8Array(16))).toThrow("length");
});

/** Opens a file as docs/snapshot.md describes the format, without any code of this folder. */
test("can be opened by a program that knows only the documentation", () => {
  const file = JSON.parse(text) as FileText;
  const derived = (purpose: string): Buffer =>
    Buffer.from(hkdfSync("sha256", dataKey, new Uint8Array(), `tacit-snapshot/1/${purpose}`, 32));
  const seal = createHmac("sha256", derived("seal")).update("tacit-snapshot/1\n").update(file.body).digest("base64");
  expect(seal).toBe(file.seal);
  const opened = (JSON.parse(file.body) as BodyText).entries.map(({ header, nonce, ciphertext }) => {
    const sealed = Buffer.from(ciphertext, "base64");
    const decipher = createDecipheriv("aes-256-gcm", derived("values"), Buffer.from(nonce, "base64"));
    decipher.setAAD(Buffer.from(header)).setAuthTag(sealed.subarray(-16));
    const plain = decipher.update(sealed.subarray(0, -16)).toString() + decipher.final().toString();
    const { name, kind } = JSON.parse(header) as { name: string; kind: string };
    return [name, kind === "value" ? plain : JSON.parse(plain)];
  });
  expect(opened).toEqual([
    ["a", "s3cret-fixture-a"],
    ["b", { user: "dQ==", password: Buffer.from("s3cret-fixture-b").toString("base64") }],
  ]);
});
