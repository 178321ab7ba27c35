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
 * @param member of the text, which is to be checked alone; by default all is
 * @throws {SecretError} INVALID_VALUE `duplicate-key` or `not-utf8`; what `notJson` makes where it is no JSON at all
 */
export function assertJson(text: string, notJson: () => SecretError, member?: string): void {
  const isRead = ({ kind, path }: JsonFault): boolean =>
    kind === "syntax" || kind === "too-deep" || member === undefined || path[0] === member;
  const fault = jsonFaults(text).find(isRead);
  if (fault === undefined) return;
  if (fault.kind === "syntax" || fault.kind === "too-deep") throw notJson();
  throw new SecretError("INVALID_VALUE", "a JSON answer has a key twice, or half of a character", {
    reason: fault.kind === "duplicate-key" ? "duplicate-key" : "not-utf8",
    tip: "Correct it at the store: readers differ in what they take of it.",
  });
}

/**
 * Checks the body of an answer as `assertJson` does.
 * @throws {SecretError} as `assertJson` does; INTERNAL `malformed-answer` where it is no JSON
 */
export function assertJsonAnswer(answer: HttpAnswer, member?: string): void {
  assertJson(answer.text(), () => answer.malformed("something that is not JSON"), member);
}

/**
 * Returns the members of an answer that is a JSON object, as `assertJson` checks it.
 * @throws {SecretError} as `assertJson` does; INTERNAL `malformed-answer` where it is no JSON object
 */
export function strictRecord(answer: HttpAnswer, member?: string): Readonly<Record<string, unknown>> {
  const record = answer.record();
  assertJsonAnswer(answer, member);
  return record;
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
