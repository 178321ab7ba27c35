import { randomBytes } from "node:crypto";
import type { SecretPayload } from "../contract/contract.ts";
import type { Subject } from "./case.ts";

/** Encodes text into a new array. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The prefix of every generated value; random characters follow. */
export const madeUpPrefix = "s3cret-fixture-";

/** Creates a unique random value; all have the same length. */
export function madeUpText(): string {
  return `${madeUpPrefix}${randomBytes(18).toString("hex")}`;
}

/** Creates a value payload. Default: a random value. */
export function valuePayload(content: string | Uint8Array = madeUpText()): SecretPayload {
  return { kind: "value", bytes: typeof content === "string" ? bytesOf(content) : content };
}

/** Creates a fields payload. It takes entries, because an object literal cannot define `__proto__` as an own key. */
export function fieldsPayload(entries: Iterable<readonly [key: string, content: string | Uint8Array]>): SecretPayload {
  const fields = new Map<string, Uint8Array>();
  for (const [key, content] of entries) fields.set(key, typeof content === "string" ? bytesOf(content) : content);
  return { kind: "fields", fields };
}

/** Creates a random payload of one kind; a fields payload has two fields. */
export function madeUp(kind: SecretPayload["kind"]): SecretPayload {
  return kind === "value"
    ? valuePayload()
    : fieldsPayload([
        ["username", madeUpText()],
        ["password", madeUpText()],
      ]);
}

/** The payload kinds under test. */
export function kindsOf({ harness, supports }: Subject): readonly SecretPayload["kind"][] {
  if (harness.payloads !== undefined) return harness.payloads;
  return supports.payload === "both" ? ["value", "fields"] : [supports.payload];
}

/** Returns the payload kind for a case that works with any kind. */
export function anyPayload(subject: Subject): SecretPayload {
  return madeUp(kindsOf(subject)[0] ?? "value");
}

/** Returns every byte array in a payload. */
export function contentsOf(payload: SecretPayload): readonly Uint8Array[] {
  return payload.kind === "value" ? [payload.bytes] : [...payload.fields.values()];
}
