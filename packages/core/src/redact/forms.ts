import { isUtf8 } from "node:buffer";
import { contentOfSecret, type Secret } from "../secret/secret.ts";
import { isMaskableText, type Mask } from "./mask-policy.ts";

/** One way in which a value may appear: in a string, and byte by byte (each byte one character) in a buffer. */
export interface Form {
  readonly text: string;
  readonly binary: string;
}

const maxDepth = 100;

/**
 * The forms in which a value is looked for: every string, number and run of bytes in it, as it is and without outer white space.
 * Empty if the policy allows none. A Secret of this package is read without revealing it.
 */
export function formsOf(value: string | Uint8Array | Secret<unknown>, mask: Mask): readonly Form[] {
  if (mask === "never") return [];
  const forms: Form[] = [];
  for (const leaf of leavesOf(contentToRegister(value), new Set(), 0)) {
    for (const form of typeof leaf === "string" ? textForms(leaf) : byteForms(leaf)) {
      if (isMaskableText(form.text.trim(), mask)) forms.push(form);
    }
  }
  return forms;
}

/** Tells whether anything of a value would be masked; if not, the operator should know, by the name of the secret alone. */
export function isMaskable(value: string | Uint8Array | Secret<unknown>, mask: Mask): boolean {
  return formsOf(value, mask).length > 0;
}

/** A Secret of another make has no other way than to reveal itself. */
function contentToRegister(value: unknown): unknown {
  const decoded = contentOfSecret(value);
  if (decoded !== undefined) return decoded.kind === "value" ? decoded.value : decoded.bytes;
  const { reveal } = (value ?? {}) as { reveal?: unknown };
  return typeof reveal === "function" ? (reveal.call(value) as unknown) : value;
}

function* leavesOf(value: unknown, seen: Set<object>, depth: number): Generator<string | Uint8Array> {
  if (typeof value === "string" || value instanceof Uint8Array) yield value;
  else if (typeof value === "number" || typeof value === "bigint") yield String(value);
  else if (value instanceof URL) yield value.href;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  if (seen.has(value) || depth >= maxDepth) return;
  seen.add(value);
  const members = value instanceof Map || value instanceof Set ? value.values() : Object.values(value);
  for (const member of members) yield* leavesOf(member, seen, depth + 1);
}

function textForms(text: string): readonly Form[] {
  const trimmed = text.trim();
  const forms = trimmed === text ? [text] : [text, trimmed];
  return forms.map((form) => ({ text: form, binary: Buffer.from(form).toString("latin1") }));
}

/** Bytes that are not text are looked for as they would be printed one character a byte. */
function byteForms(bytes: Uint8Array): readonly Form[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(view)) return textForms(view.toString("utf8"));
  const binary = view.toString("latin1");
  return [{ text: binary, binary }];
}
