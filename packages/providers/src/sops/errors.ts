import type { SecretError } from "@tacit/core/provider";
import { sealedError, tamperedError } from "../shared/keys/errors.ts";

/** For a file without the part that SOPS adds, or where that part is not what SOPS writes. */
export function metadataError(what: string): SecretError {
  return sealedError(
    "malformed",
    what,
    "Encrypt it with sops, or restore it from its history; plain files are for the `file` adapter.",
  );
}

/** For a file whose values open, but are not all that was encrypted, or not in that order. */
export function macError(what: string): SecretError {
  return sealedError(
    "mac-mismatch",
    what,
    "A value was added, removed, moved or changed without sops: restore the file from its history, and edit it with `sops edit`.",
  );
}

/** For one value. @param key where it stands: keys joined by dots */
export function valueError(what: string, key: string): SecretError {
  return tamperedError(`${what} (key ${JSON.stringify(key.slice(0, 64))})`);
}

/** For a value that stands in the clear where its file says that it is encrypted. */
export function cleartextError(key: string): SecretError {
  return sealedError(
    "cleartext",
    `contains an unencrypted value that must be encrypted (key ${JSON.stringify(key.slice(0, 64))})`,
    "Write it with `sops edit` or `sops set`; if it was committed, rotate it.",
  );
}

/** For a rule in a file that is not followed here. */
export function ruleError(what: string, tip: string): SecretError {
  return sealedError("encryption-rule", what, tip);
}
