import type { ChangeReason } from "../events/change-reason.ts";
import type { Secret, SnapshotSecret } from "../secret/secret.ts";

/** A change, from the last value that the consumer received. */
export interface SecretChange<T = string> {
  readonly current: Secret<T>;
  /** The last Secret that this consumer received; undefined for the first change. */
  readonly previous?: Secret<T>;
  readonly reason: ChangeReason;
}

/** Creates a change. */
export function toChange<T>(
  current: Secret<T>,
  previous: Secret<T> | undefined,
  reason: ChangeReason,
): SecretChange<T> {
  return previous === undefined ? { current, reason } : { current, previous, reason };
}

/**
 * Merges a change with a pending one; intermediate versions are skipped. Returns undefined if the result equals the last value
 * that the consumer received.
 */
export function mergeChanges<T>(
  pending: SecretChange<T> | undefined,
  next: SecretChange<T>,
): SecretChange<T> | undefined {
  if (pending === undefined) return next;
  const isUpdate = (reason: ChangeReason): boolean => reason === "rotated" || reason === "lease";
  const reason = isUpdate(pending.reason) ? next.reason : pending.reason;
  const merged = toChange(next.current, pending.previous, reason);
  return isUpdate(reason) && merged.previous?.equals(merged.current) === true ? undefined : merged;
}

/** Removes dropped values from a change: returns undefined if its current value is dropped, and omits a dropped previous value. */
export function withoutDropped<T>(
  change: SecretChange<T> | undefined,
  isDropped: (secret: SnapshotSecret<T>) => boolean,
): SecretChange<T> | undefined {
  if (change === undefined || isDropped(change.current as SnapshotSecret<T>)) return undefined;
  const { current, previous, reason } = change;
  return previous !== undefined && isDropped(previous as SnapshotSecret<T>) ? { current, reason } : change;
}
