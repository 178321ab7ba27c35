import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { listedNames, quotedName } from "../name/listed-names.ts";

/**
 * The bytes of a payload that is one value.
 * @throws {SecretError} INVALID_VALUE, reason `fields-not-value`, naming the fields: a single one is never unwrapped
 */
export function valueBytes(content: SecretPayload, reference: string, codec: string): Uint8Array {
  if (content.kind === "value") return content.bytes;
  const names = [...content.fields.keys()];
  const selector = `${reference}#${names[0] ?? "field"}`;
  throw new SecretError(
    "INVALID_VALUE",
    `${reference} has fields, and ${codec} reads one value. Fields: ${listedNames(names)}.`,
    {
      reason: "fields-not-value",
      reference,
      tip: `Ask for one field, such as ${quotedName(selector)}, or read them with object([...]).`,
    },
  );
}

/** The value is empty where the codec does not allow it. */
export function emptyValue(reference: string, fields?: readonly string[]): SecretError {
  const message =
    fields === undefined
      ? `The value of ${reference} is empty.`
      : `${reference} has empty fields: ${listedNames(fields)}.`;
  return new SecretError("INVALID_VALUE", message, {
    reason: "empty",
    reference,
    tip: "Set it in the store, or pass { allowEmpty: true } to the codec if empty is right.",
  });
}

/** The value, or the fields named, cannot be text. */
export function notUtf8(reference: string, fields?: readonly string[]): SecretError {
  const subject = fields === undefined ? `The value of ${reference} is` : `Fields of ${reference} are`;
  const which = fields === undefined ? "" : ` (${listedNames(fields)})`;
  return new SecretError("INVALID_VALUE", `${subject} not valid UTF-8${which}.`, {
    reason: "not-utf8",
    reference,
    tip: "Read it with bytes(), a field by its selector.",
  });
}
