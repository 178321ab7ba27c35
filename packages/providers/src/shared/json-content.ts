import { type JsonFault, jsonFaults, jsonMembers, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "./http/answer.ts";
import { textBytes } from "./text-bytes.ts";

/**
 * Returns a JSON value as a payload holds it: the bytes of a text, of anything else its JSON exactly as it is written, since parsing
 * would round large numbers.
 * @param source one valid JSON value, without white space around it
 * @throws {SecretError} INVALID_VALUE `not-utf8`
 */
export function jsonBytes(source: string): Uint8Array {
  return textBytes(source.startsWith('"') ? (JSON.parse(source) as string) : source);
}

/** Returns the members of a JSON object as fields. null is no value, so its field is missing. */
export function jsonObjectFields(source: string): ReadonlyMap<string, Uint8Array> {
  const members = [...jsonMembers(source)].filter(([, member]) => member.source !== "null");
  return new Map(members.map(([name, member]) => [name, jsonBytes(member.source)]));
}

/**
 * Checks that a text is JSON that every reader understands alike.
 * @throws {SecretError} INVALID_VALUE `duplicate-key` or `not-utf8`; what `notJson` makes where it is no JSON at all
 */
export function assertJson(text: string, notJson: () => SecretError): void {
  const [fault] = jsonFaults(text);
  if (fault === undefined) return;
  throw fault.kind === "syntax" || fault.kind === "too-deep" ? notJson() : ambiguous(fault);
}

/**
 * Checks the body of an answer as `assertJson` does.
 * @throws {SecretError} as `assertJson` does; INTERNAL `malformed-answer` where it is no JSON
 */
export function assertJsonAnswer(answer: HttpAnswer): void {
  assertJson(answer.text(), () => answer.malformed("something that is not JSON"));
}

/**
 * Returns the members of an answer that is a JSON object, as `assertJson` checks it.
 * @throws {SecretError} as `assertJson` does; INTERNAL `malformed-answer` where it is no JSON object
 */
export function strictRecord(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  const record = answer.record();
  assertJsonAnswer(answer);
  return record;
}

/**
 * Returns the members of an answer that is a JSON object, each as it is written, or as the error that `assertJson` would throw for it
 * alone: another one that cannot be read is no reason against it.
 * @throws {SecretError} INTERNAL `malformed-answer` where it is no JSON object
 */
export function membersAlone(answer: HttpAnswer): ReadonlyMap<string, string | SecretError> {
  answer.record();
  const text = answer.text();
  const members = new Map<string, string | SecretError>();
  for (const [name, { source }] of jsonMembers(text)) members.set(name, source);
  for (const fault of jsonFaults(text)) members.set(String(fault.path[0]), ambiguous(fault));
  return members;
}

/**
 * Returns the part of a JSON text to which a pointer leads, as it is written; undefined where there is none.
 * @param pointer `/data/password` (RFC 6901); empty for the whole
 */
export function jsonAt(text: string, pointer: string): string | undefined {
  let source: string | undefined = text.trim();
  for (const step of pointer.split("/").slice(1)) {
    if (source === undefined || !/^[{[]/.test(source)) return undefined;
    source = jsonMembers(source).get(step.replaceAll("~1", "/").replaceAll("~0", "~"))?.source;
  }
  return source;
}

function ambiguous({ kind }: JsonFault): SecretError {
  return new SecretError("INVALID_VALUE", "a JSON response has a duplicate key or half of a surrogate pair", {
    reason: kind === "duplicate-key" ? "duplicate-key" : "not-utf8",
    tip: "Correct it at the store: parsers differ in how they read it.",
  });
}
