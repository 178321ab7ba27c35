import type { ChangeReason } from "../events/change-reason.ts";
import type { Secret, SnapshotSecret } from "../secret/secret.ts";

/** One change as a consumer sees it. */
export interface SecretChange<T = string> {
  readonly current: Secret<T>;
  /** The Secret that this consumer saw before; absent at first. */
  readonly previous?: Secret<T>;
  readonly reason: ChangeReason;
}

export function toChange<T>(
  current: Secret<T>,
  previous: Secret<T> | undefined,
  reason: ChangeReason,
): SecretChange<T> {
  return previous === undefined ? { current, reason } : { current, previous, reason };
}

/**
 * A change that overtook one not yet delivered: intermediate versions may be skipped, the newest never. Undefined if the
 * consumer is back at what it saw last.
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

/** What is left of a change that waits when some values are dropped: nothing if it brings one, no `previous` if that is one. */
export function withoutDropped<T>(
  change: SecretChange<T> | undefined,
  isDropped: (secret: SnapshotSecret<T>) => boolean,
): SecretChange<T> | undefined {
  if (change === undefined || isDropped(change.current as SnapshotSecret<T>)) return undefined;
  const { current, previous, reason } = change;
  return previous !== undefined && isDropped(previous as SnapshotSecret<T>) ? { current, reason } : change;
}
