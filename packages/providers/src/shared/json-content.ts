import { type JsonFault, jsonFaults, jsonMembers, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "./http/answer.ts";
import { textBytes } from "./text-bytes.ts";

/**
 * Converts a JSON value to the bytes of a payload: a string to its text, anything else to its JSON text unchanged, since parsing would
 * round large numbers.
 * @param source one valid JSON value, without surrounding white space
 * @throws {SecretError} INVALID_VALUE `not-utf8`
 */
export function jsonBytes(source: string): Uint8Array {
  return textBytes(source.startsWith('"') ? (JSON.parse(source) as string) : source);
}

/** Returns the members of a JSON object as fields; a member that is null is left out. @throws {SecretError} INVALID_VALUE `not-utf8` */
export function jsonObjectFields(source: string): ReadonlyMap<string, Uint8Array> {
  const members = [...jsonMembers(source)].filter(([, member]) => member.source !== "null");
  return new Map(members.map(([name, member]) => [name, jsonBytes(member.source)]));
}

/**
 * Checks that a text is JSON that all parsers read in the same way.
 * @throws {SecretError} INVALID_VALUE `duplicate-key` or `not-utf8`; the error of `notJson` if the text is not JSON or nested too deeply
 */
export function assertJson(text: string, notJson: () => SecretError): void {
  const [fault] = jsonFaults(text);
  if (fault === undefined) return;
  throw fault.kind === "syntax" || fault.kind === "too-deep" ? notJson() : ambiguous(fault);
}

/**
 * Checks the body of a response as `assertJson` does.
 * @throws {SecretError} as `assertJson` does; INTERNAL `malformed-answer` if the body is not JSON
 */
export function assertJsonAnswer(answer: HttpAnswer): void {
  assertJson(answer.text(), () => answer.malformed("something that is not JSON"));
}

/**
 * Parses a response that is a JSON object, and checks it as `assertJson` does.
 * @throws {SecretError} as `assertJson` does; INTERNAL `malformed-answer` if the body is not a JSON object
 */
export function strictRecord(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  const record = answer.record();
  assertJsonAnswer(answer);
  return record;
}

/**
 * Returns the members of a response that is a JSON object: the JSON text of each, or the error that `assertJson` would throw for it, so
 * that one bad member does not affect the others.
 * @throws {SecretError} INTERNAL `malformed-answer` if the body is not a JSON object
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
 * Returns the JSON text of the value at a pointer; undefined if there is none.
 * @param pointer `/data/password` (RFC 6901); an empty one means the whole text
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
