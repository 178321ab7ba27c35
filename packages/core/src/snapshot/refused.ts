import { SecretError } from "../error/secret-error.ts";

/** Why a snapshot, or an entry of it, is not used. docs/errors.md lists them. */
export type SnapshotReason =
  | "snapshot-expired"
  | "snapshot-future"
  | "snapshot-malformed"
  | "snapshot-other-provider"
  | "snapshot-permissions"
  | "snapshot-tampered"
  | "snapshot-too-large"
  | "snapshot-version";

/** Makes the error of a snapshot that is refused. @param what the end of a sentence that begins with `the snapshot` */
export function refused(reason: SnapshotReason, what: string, tip: string, reference?: string): SecretError {
  return new SecretError("INVALID_VALUE", `the snapshot ${what}`, { reason, tip, reference });
}
