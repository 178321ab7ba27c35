import { hasSameValue, type Secret, type SnapshotSecret } from "../secret/secret.ts";
import { mergeChanges, type SecretChange, toChange, withoutDropped } from "./secret-change.ts";

/** The watch of a consumer. */
export interface ConsumerHost<T> {
  /** Returns the value that may be served now. */
  servable(): Secret<T> | undefined;
}

/**
 * The pending change of one consumer, from the last value that it received to the newest. It is withheld while its value may not
 * be served.
 */
export class NextChange<T> {
  readonly #host: ConsumerHost<T>;
  #pending: SecretChange<T> | undefined;
  /** The last value that the consumer received, if the pending change after it was dropped. */
  #seen: Secret<T> | undefined;
  /** Whether the consumer has received a change, or does not want the initial one. */
  #hasSeen: boolean;

  /** @param wantsInitial whether the first change has the reason `initial` */
  constructor(host: ConsumerHost<T>, wantsInitial: boolean) {
    this.#host = host;
    this.#hasSeen = !wantsInitial;
  }

  /** Whether the consumer has received its first change, or one is pending. */
  get hasBegun(): boolean {
    return this.#hasSeen || this.#pending !== undefined;
  }

  /** Adds a change, which is merged with a pending one. */
  put(change: SecretChange<T>): void {
    const { current } = change;
    const dropped = this.#seen === undefined ? undefined : toChange(current, this.#seen, "rotated");
    if (this.#hasSeen) this.#pending = mergeChanges(this.#pending ?? dropped, change);
    else this.#pending = { current, reason: "initial" };
    this.#seen = undefined;
  }

  /** Returns the change, once; undefined if there is none, or its value may not be served now. */
  take(): SecretChange<T> | undefined {
    if (this.#pending === undefined) return undefined;
    const current = this.#host.servable();
    // A newer value may be current, whose change will follow.
    if (current === undefined || !hasSameValue(current, this.#pending.current)) return undefined;
    const { previous, reason } = this.#pending;
    this.#pending = undefined;
    this.#hasSeen = true;
    return toChange(current, previous, reason);
  }

  /** Removes dropped values from the pending change. */
  drop(isDropped: (secret: SnapshotSecret<T>) => boolean): void {
    const seen = this.#pending?.previous ?? this.#seen;
    this.#pending = withoutDropped(this.#pending, isDropped);
    const isKept = this.#pending === undefined && seen !== undefined && !isDropped(seen as SnapshotSecret<T>);
    this.#seen = isKept ? seen : undefined;
  }

  clear(): void {
    this.#pending = undefined;
    this.#seen = undefined;
  }
}
