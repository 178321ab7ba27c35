import type { SnapshotSecret } from "../secret/secret.ts";
import { mergeChanges, type SecretChange, withoutDropped } from "./secret-change.ts";

export type ChangeListener<T> = (change: SecretChange<T>) => unknown;

/** Who is told that a listener threw. */
interface LaneHost {
  onFailure(error: unknown): void;
}

/** One listener's own pace: its next change waits for the promise it returned, and at most one change waits. */
export class ListenerLane<T> {
  readonly wantsInitial: boolean;
  readonly #listener: ChangeListener<T>;
  readonly #host: LaneHost;
  /** Whether it was given a change, or may do without what stood before it came. */
  hasBegun: boolean;
  #pending: SecretChange<T> | undefined;
  #busy = false;
  #closed = false;

  constructor(listener: ChangeListener<T>, wantsInitial: boolean, host: LaneHost) {
    this.#listener = listener;
    this.wantsInitial = wantsInitial;
    this.hasBegun = !wantsInitial;
    this.#host = host;
  }

  /** Delivers what stood before the listener came: soon, never inside `on` itself. */
  begin(initial: SecretChange<T>): void {
    if (!this.wantsInitial) return;
    this.hasBegun = true;
    this.#busy = true;
    this.#pending = initial;
    // Fake timers of a test runner may replace `queueMicrotask`.
    void Promise.resolve().then(() => this.#deliver());
  }

  /** @param hasAppeared what is `initial` to its secret did not stand before the listener came */
  push(change: SecretChange<T>, hasAppeared = false): void {
    if (this.#closed || (change.reason === "initial" && !this.wantsInitial && !hasAppeared)) return;
    this.hasBegun = true;
    this.#pending = mergeChanges(this.#pending, change);
    if (!this.#busy) void this.#deliver();
  }

  /** A value that was dropped is not delivered any more. */
  drop(isDropped: (secret: SnapshotSecret<T>) => boolean): void {
    this.#pending = withoutDropped(this.#pending, isDropped);
  }

  /** Afterwards the listener is never called again. */
  close(): void {
    this.#closed = true;
    this.#pending = undefined;
  }

  async #deliver(): Promise<void> {
    this.#busy = true;
    while (this.#pending !== undefined && !this.#closed) {
      const change = this.#pending;
      this.#pending = undefined;
      try {
        await this.#listener(change);
      } catch (error) {
        this.#host.onFailure(error);
      }
    }
    this.#busy = false;
  }
}
