import { hasSameValue, type Secret, type SnapshotSecret } from "../secret/secret.ts";
import { mergeChanges, type SecretChange, toChange, withoutDropped } from "./secret-change.ts";

/** The watch of a consumer. */
export interface ConsumerHost<T> {
  /** The value that may be served now. */
  servable(): Secret<T> | undefined;
}

/**
 * The next change of one consumer: at most one, from the value that it saw last to the newest. It is withheld while its value may
 * not be served.
 */
export class NextChange<T> {
  readonly #host: ConsumerHost<T>;
  #pending: SecretChange<T> | undefined;
  /** The value that it saw last, where the change after that was dropped. */
  #seen: Secret<T> | undefined;
  /** Whether it was given a change, or may do without the value before its time. */
  #hasSeen: boolean;

  /** @param wantsInitial whether its first change is the `initial` one, whatever that is for others */
  constructor(host: ConsumerHost<T>, wantsInitial: boolean) {
    this.#host = host;
    this.#hasSeen = !wantsInitial;
  }

  /** Whether it was given its first change, or is about to be. */
  get hasBegun(): boolean {
    return this.#hasSeen || this.#pending !== undefined;
  }

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
    // A newer value may be current already, and is put here next.
    if (current === undefined || !hasSameValue(current, this.#pending.current)) return undefined;
    const { previous, reason } = this.#pending;
    this.#pending = undefined;
    this.#hasSeen = true;
    return toChange(current, previous, reason);
  }

  /** A value that was dropped is not delivered any more. */
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
