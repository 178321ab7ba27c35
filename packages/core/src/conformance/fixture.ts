import { randomBytes } from "node:crypto";
import type { SecretPayload } from "../contract/contract.ts";
import type { Subject } from "./case.ts";

/** Text as bytes of their own. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** How every made-up value begins; what follows is random. */
export const madeUpPrefix = "s3cret-fixture-";

/** A made-up value that nothing else resembles; always of one length. */
export function madeUpText(): string {
  return `${madeUpPrefix}${randomBytes(18).toString("hex")}`;
}

/** A value payload; by default a made-up one. */
export function valuePayload(content: string | Uint8Array = madeUpText()): SecretPayload {
  return { kind: "value", bytes: typeof content === "string" ? bytesOf(content) : content };
}

/** A fields payload. Entries, not a record: a record cannot hold `__proto__` as its own key by a literal. */
export function fieldsPayload(entries: Iterable<readonly [key: string, content: string | Uint8Array]>): SecretPayload {
  const fields = new Map<string, Uint8Array>();
  for (const [key, content] of entries) fields.set(key, typeof content === "string" ? bytesOf(content) : content);
  return { kind: "fields", fields };
}

/** A made-up payload of one kind; a fields payload holds a pair. */
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

/** The kind for a case to which the kind does not matter. */
export function anyPayload(subject: Subject): SecretPayload {
  return madeUp(kindsOf(subject)[0] ?? "value");
}

/** Every byte string in a payload. */
export function contentsOf(payload: SecretPayload): readonly Uint8Array[] {
  return payload.kind === "value" ? [payload.bytes] : [...payload.fields.values()];
}
