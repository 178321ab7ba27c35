import { SecretError } from "@tacit/core/provider";
import type { KeyUse } from "./key-service.ts";

/** The reasons for refusing an encrypted file, or a wrapped key in it. */
export type SealedReason =
  | "cleartext"
  | "encryption-rule"
  | "mac-mismatch"
  | "malformed"
  | "namespace"
  | "no-key"
  | "tampered"
  | "template"
  | "too-large"
  | "work-factor";

/** Returns the error of a refused file. @param what the end of a sentence that begins with the file */
export function sealedError(reason: SealedReason, what: string, tip: string): SecretError {
  return new SecretError("INVALID_VALUE", what, { reason, tip });
}

/** Returns the error of a ciphertext that was changed after its encryption. */
export function tamperedError(what: string): SecretError {
  return sealedError(
    "tampered",
    what,
    "The file was changed after it was encrypted: restore it from its history, and check who wrote it.",
  );
}

/** Returns the error of a data key that no configured key service can unwrap. It contains only the kinds of keys, since everything else comes from the file. */
export function noKeyError(wrappedFor: readonly KeyUse[], configured: readonly KeyUse[]): SecretError {
  return sealedError(
    "no-key",
    `is encrypted for ${listed(wrappedFor) || "nobody"}, but no configured key can decrypt it (${listed(configured)})`,
    "Add the identity or key that it was encrypted for to `keys`, or encrypt it for one of them. A key that a file refers to must also be in the document.",
  );
}

/** Returns the error of a configured key that cannot be used. @param label the name of the key: `age identity` */
export function keyFormatError(label: string, what: string, tip: string): SecretError {
  return new SecretError("UNAUTHENTICATED", `the ${label} ${what}`, { reason: "key-format", tip });
}

/** Returns the wrapped key of a response. @throws {SecretError} INTERNAL `malformed-answer` if it is not a text, or empty */
export function wrappedText(text: unknown, service: string): string {
  if (typeof text === "string" && text !== "") return text;
  throw new SecretError("INTERNAL", `${service} answered without a wrapped key`, {
    reason: "malformed-answer",
    tip: "Check that its address leads to it, and check any proxy in front of it.",
  });
}

function listed(uses: readonly KeyUse[]): string {
  return [...new Set(uses)].join(", ");
}
