import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import type { SecretPayload } from "../contract/contract.ts";
import type { WrappedDataKey } from "../contract/key-ring.ts";
import { refused } from "./refused.ts";

/** One value of a snapshot, and its metadata. Times are wall time in milliseconds. */
export interface SnapshotEntry extends EntryFacts {
  readonly stores: readonly EntryStore[];
  readonly content: SecretPayload;
}

interface EntryFacts {
  readonly name: string;
  readonly stage: "current";
  /** The references whose views hold the value. */
  readonly references: readonly string[];
  /** The configured name of the provider; for a composite, all names joined by `+`. */
  readonly provider: string;
  readonly fallback: boolean;
  readonly composite?: true;
  readonly version: string;
  readonly fetchedAt: number;
  /** The time of the last answer of the store that confirmed this version. */
  readonly confirmedAt: number;
  readonly createdAt?: number;
  readonly expiresAt?: number;
  readonly refreshAt?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One path of one provider from which a value came. */
export interface EntryStore {
  readonly provider: string;
  readonly path: string;
  /** The keyed hash of the provider's configuration and of the secret's binding. */
  readonly fingerprint: string;
}

/** The three keys of a file, all derived from its data key. */
export interface SnapshotKeys {
  readonly values: Uint8Array;
  readonly seal: Uint8Array;
  readonly fingerprint: Uint8Array;
}

/** A parsed file whose key is still wrapped; nothing of it is verified. */
export interface SealedSnapshot {
  readonly key: WrappedDataKey;
  readonly body: string;
  readonly seal: Uint8Array;
}

/** A file that is decrypted and completely verified. */
export interface OpenedSnapshot {
  readonly writtenAt: number;
  readonly entries: readonly SnapshotEntry[];
}

const format = "tacit-snapshot";
const formatVersion = 1;
/** The context to which the wrapped key is bound, if its service supports that. */
export const keyContext: Readonly<Record<string, string>> = { format, version: `${formatVersion}` };
const dataKeyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Creates the random data key of one file. */
export function newDataKey(): Uint8Array {
  return randomBytes(dataKeyBytes);
}

/** @Derives the keys of a file.
@throws {SecretError} INVALID_VALUE `snapshot-malformed` for a data key of another length of another length */
export function keysOf(dataKey: Uint8Array): SnapshotKeys {
  if (dataKey.byteLength !== dataKeyBytes) throw malformed("has a data key of the wrong length");
  const derive = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", dataKey, "", `${format}/${formatVersion}/${purpose}`, dataKeyBytes));
  return { values: derive("values"), seal: derive("seal"), fingerprint: derive("fingerprint") };
}

/** Returns the fingerprint of a configuration. Without the data key, nobody can test guesses of the configuration against it. */
export function fingerprintOf(configuration: string, { fingerprint }: SnapshotKeys): string {
  return createHmac("sha256", fingerprint).update(configuration).digest("base64");
}

/** Returns the text of a file. Each entry is encrypted and bound to its header; the seal authenticates all of them. */
export function sealSnapshot({ writtenAt, entries }: OpenedSnapshot, keys: SnapshotKeys, key: WrappedDataKey): string {
  const sealed = entries.map((entry) => sealEntry(entry, keys));
  const body = JSON.stringify({ writtenAt: new Date(writtenAt).toISOString(), entries: sealed });
  return `${JSON.stringify({ format, version: formatVersion, key, body, seal: sealOf(body, keys).toString("base64") })}\n`;
}

/**
 * Parses a file without verifying it.
 * @throws {SecretError} INVALID_VALUE
 */
export function parseSnapshot(text: string): SealedSnapshot {
  const { source, rest } = withoutBody(text);
  const file = recordOf(parsed(rest));
  if (file.format !== format) throw malformed("is not a snapshot file");
  if (file.version !== formatVersion)
    throw refused(
      "snapshot-version",
      "has an unknown format version",
      "It was written by another version of this library. The next good answer of the stores replaces it.",
    );
  const key = recordOf(file.key);
  return {
    key: { ...key, use: textOf(key.use) },
    body: textOf(source === undefined ? file.body : parsed(source)),
    seal: bytesOf(file.seal),
  };
}

/**
 * Verifies and decrypts a file. It returns nothing unless everything is valid.
 * @throws {SecretError} INVALID_VALUE
 */
export function openSnapshot({ body, seal }: SealedSnapshot, keys: SnapshotKeys): OpenedSnapshot {
  const expected = sealOf(body, keys);
  if (seal.byteLength !== expected.byteLength || !timingSafeEqual(seal, expected)) throw tampered();
  const { writtenAt, entries } = recordOf(parsed(body));
  return { writtenAt: timeOf(writtenAt), entries: listOf(entries).map((entry) => openEntry(recordOf(entry), keys)) };
}

/** A wrapped data key has at most a few thousand characters. */
const mostAroundBody = 64 * 1024;

/**
 * Takes the source of `body` out of a file. Nothing of the file is verified, and a parsed text takes up to twenty times its size, so only a
 * string and a short rest are parsed.
 */
function withoutBody(text: string): { readonly source?: string; readonly rest: string } {
  const [opening, closing] = ['"body":"', '","seal":"'];
  const start = text.indexOf(opening) + opening.length - 1;
  const end = text.lastIndexOf(closing) + 1;
  const isFound = start >= opening.length && end > start;
  const rest = isFound ? `${text.slice(0, start)}""${text.slice(end)}` : text;
  if (rest.length > mostAroundBody) throw malformed("is not a snapshot file");
  return isFound ? { source: text.slice(start, end), rest } : { rest };
}

/** Hashes the body in pieces: Node copies each text that it hashes. */
function sealOf(body: string, { seal }: SnapshotKeys): Buffer {
  const hmac = createHmac("sha256", seal).update(`${format}/${formatVersion}\n`);
  for (let [at, end] = [0, 0]; at < body.length; at = end) {
    end = at + pieceLength;
    // A surrogate pair stays in one piece.
    if ((body.charCodeAt(end - 1) & 0xfc00) === 0xd800) end += 1;
    hmac.update(body.slice(at, end));
  }
  return hmac.digest();
}

/** Divisible by three, so that pieces of base64 need no padding. */
const pieceLength = 3 * 256 * 1024;

function sealEntry({ content, ...facts }: SnapshotEntry, { values }: SnapshotKeys): object {
  const header = JSON.stringify({ ...withTimes(facts, (time) => new Date(time).toISOString()), kind: content.kind });
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", values, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(header));
  const ciphertext = Buffer.concat([cipher.update(plaintextOf(content)), cipher.final(), cipher.getAuthTag()]);
  return { header, nonce: nonce.toString("base64"), ciphertext: ciphertext.toString("base64") };
}

function openEntry(entry: Readonly<Record<string, unknown>>, { values }: SnapshotKeys): SnapshotEntry {
  const header = textOf(entry.header);
  const nonce = bytesOf(entry.nonce);
  const ciphertext = bytesOf(entry.ciphertext);
  if (nonce.byteLength !== nonceBytes || ciphertext.byteLength < tagBytes) throw tampered();
  const decipher = createDecipheriv("aes-256-gcm", values, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(header)).setAuthTag(ciphertext.subarray(-tagBytes));
  let plaintext: Buffer;
  try {
    plaintext = decipher.update(ciphertext.subarray(0, -tagBytes));
    decipher.final();
  } catch {
    throw tampered();
  }
  const { kind, ...facts } = recordOf(parsed(header));
  // A valid seal proves that this library wrote the header, so its members are not checked again.
  const timed = withTimes(facts as unknown as EntryFacts & Pick<SnapshotEntry, "stores">, timeOf);
  return { ...timed, content: contentOf(kind, plaintext) };
}

const timeNames: ReadonlySet<string> = new Set(["fetchedAt", "confirmedAt", "createdAt", "expiresAt", "refreshAt"]);

function withTimes<T extends object>(facts: T, convert: (time: never) => unknown): T {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, timeNames.has(name) ? convert(fact as never) : fact]),
  ) as T;
}

function plaintextOf(content: SecretPayload): Uint8Array {
  if (content.kind === "value") return content.bytes;
  const fields = [...content.fields].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")] as const);
  return Buffer.from(JSON.stringify(Object.fromEntries(fields)));
}

function contentOf(kind: unknown, plaintext: Buffer): SecretPayload {
  if (kind === "value") return { kind, bytes: plaintext };
  if (kind !== "fields") throw malformed("contains a value of an unknown kind");
  const fields = recordOf(parsed(plaintext.toString()));
  return { kind, fields: new Map(Object.entries(fields).map(([name, value]) => [name, bytesOf(value)])) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("is not JSON");
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("lacks an object");
  return value as Readonly<Record<string, unknown>>;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed("lacks a list");
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw malformed("lacks a string");
  return value;
}

function bytesOf(value: unknown): Buffer {
  const text = textOf(value);
  const bytes = Buffer.from(text, "base64");
  let isBase64 = text.length === 4 * Math.ceil(bytes.length / 3);
  for (let at = 0; isBase64 && at < bytes.length; at += pieceLength)
    isBase64 = text.startsWith(bytes.toString("base64", at, at + pieceLength), (at / 3) * 4);
  if (!isBase64) throw malformed("contains text that is not base64");
  return bytes;
}

function timeOf(value: unknown): number {
  const time = Date.parse(textOf(value));
  if (Number.isNaN(time)) throw malformed("contains an invalid time");
  return time;
}

function malformed(what: string): Error {
  return refused(
    "snapshot-malformed",
    what,
    "Remove the file: it is written again after the next good answer of the stores.",
  );
}

function tampered(): Error {
  return refused(
    "snapshot-tampered",
    "was changed after it was written",
    "Remove the file, and check who can write to it: none of its content was used.",
  );
}
