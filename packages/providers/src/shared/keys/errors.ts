import { SecretError } from "@tacit/core/provider";
import type { KeyUse } from "./key-service.ts";

/** Reasons why an encrypted file, or a wrapped key in it, is not opened. */
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

/** Makes the error of something encrypted that is refused. @param what the end of a sentence that begins with the file */
export function sealedError(reason: SealedReason, what: string, tip: string): SecretError {
  return new SecretError("INVALID_VALUE", what, { reason, tip });
}

/** For a ciphertext that its key opens and that is not what its author wrote. */
export function tamperedError(what: string): SecretError {
  return sealedError(
    "tampered",
    what,
    "The file was changed after it was encrypted: restore it from its history, and check who wrote it.",
  );
}

/** For a data key that none of the configured key services opens. Only kinds are told: the rest comes from the file. */
export function noKeyError(wrappedFor: readonly KeyUse[], configured: readonly KeyUse[]): SecretError {
  return sealedError(
    "no-key",
    `is encrypted for ${listed(wrappedFor) || "nobody"}, but no configured key can decrypt it (${listed(configured)})`,
    "Add the identity or key that it was encrypted for to `keys`, or encrypt it for one of them. A key that a file refers to must also be in the document.",
  );
}

/** For a key of this process that cannot be used. @param label what it is: `age identity` */
export function keyFormatError(label: string, what: string, tip: string): SecretError {
  return new SecretError("UNAUTHENTICATED", `the ${label} ${what}`, { reason: "key-format", tip });
}

/** Returns a text of an answer with a wrapped key. @throws {SecretError} INTERNAL `malformed-answer` where there is none */
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
