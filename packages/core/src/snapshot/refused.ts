import { SecretError } from "../error/secret-error.ts";

/** The reasons for refusing a snapshot or one of its entries, as docs/errors.md lists them. */
export type SnapshotReason =
  | "snapshot-expired"
  | "snapshot-future"
  | "snapshot-malformed"
  | "snapshot-other-provider"
  | "snapshot-permissions"
  | "snapshot-tampered"
  | "snapshot-too-large"
  | "snapshot-version";

/**
 * Creates the error for a refused snapshot.
 * @param what the end of a sentence that begins with `the snapshot`
 */
export function refused(reason: SnapshotReason, what: string, tip: string, reference?: string): SecretError {
  return new SecretError("INVALID_VALUE", `the snapshot ${what}`, { reason, tip, reference });
}
