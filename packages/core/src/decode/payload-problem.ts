import { isUtf8 } from "node:buffer";
import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { listedNames, quotedName } from "../name/listed-names.ts";

/**
 * Returns the bytes of a payload that is one value. A single field is never unwrapped.
 * @throws {SecretError} INVALID_VALUE, reason `fields-not-value`; the message lists the fields
 */
export function valueBytes(content: SecretPayload, reference: string, codec: string): Uint8Array {
  if (content.kind === "value") return content.bytes;
  const names = [...content.fields.keys()];
  const selector = `${reference}#${names[0] ?? "field"}`;
  throw new SecretError(
    "INVALID_VALUE",
    `"${reference}" has fields, but ${codec} reads a single value; it has: ${listedNames(names)}`,
    {
      reason: "fields-not-value",
      reference,
      tip: `Ask for one field, such as ${quotedName(selector)}, or read them with object([...]).`,
    },
  );
}

/** Returns whether bytes are text: UTF-8 without NUL, which no password, header or URL contains. */
export function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** Returns the error for an empty value, or empty fields, that the codec does not allow. */
export function emptyValue(reference: string, fields?: readonly string[]): SecretError {
  const message =
    fields === undefined
      ? `the value of "${reference}" is empty`
      : `"${reference}" has empty fields: ${listedNames(fields)}`;
  return new SecretError("INVALID_VALUE", message, {
    reason: "empty",
    reference,
    tip: "Set it in the store, or pass { allowEmpty: true } to the codec if an empty value is valid.",
  });
}

/** Returns the error for a value, or named fields, whose bytes are not text. */
export function notText(bytes: Uint8Array, reference: string, fields?: readonly string[]): SecretError {
  const subject =
    fields === undefined ? `the value of "${reference}"` : `the content of ${listedNames(fields)} of "${reference}"`;
  if (isUtf8(bytes)) return nulCharacter(subject, reference);
  const tip = beginsAsUtf16(bytes)
    ? "It begins with the byte order mark of UTF-16: store it as UTF-8."
    : "Read it with bytes(), and select a field if there are several.";
  return new SecretError("INVALID_VALUE", `${subject} cannot be read as UTF-8 text`, {
    reason: "not-utf8",
    reference,
    tip,
  });
}

/** Returns the error for text that contains a NUL. */
export function nulCharacter(subject: string, reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `${subject} cannot be read as text: it contains a NUL character`, {
    reason: "nul-character",
    reference,
    tip: "It was probably encoded as UTF-16: store it as UTF-8. Read binary content with bytes(), and select a field if there are several.",
  });
}

function beginsAsUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
