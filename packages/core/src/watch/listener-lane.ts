import type { SnapshotSecret } from "../secret/secret.ts";
import { type ConsumerHost, NextChange } from "./next-change.ts";
import type { SecretChange } from "./secret-change.ts";

export type ChangeListener<T> = (change: SecretChange<T>) => unknown;

/** The watch of a listener, which also hears that it threw. */
interface LaneHost<T> extends ConsumerHost<T> {
  onFailure(error: unknown): void;
}

/** One listener's own pace: its next change waits for the promise it returned, and at most one change waits. */
export class ListenerLane<T> {
  readonly #listener: ChangeListener<T>;
  readonly #wantsInitial: boolean;
  readonly #host: LaneHost<T>;
  readonly #next: NextChange<T>;
  #busy = false;
  #closed = false;

  constructor(listener: ChangeListener<T>, wantsInitial: boolean, host: LaneHost<T>) {
    this.#listener = listener;
    this.#wantsInitial = wantsInitial;
    this.#host = host;
    this.#next = new NextChange(host, wantsInitial);
  }

  get hasBegun(): boolean {
    return this.#next.hasBegun;
  }

  /** Delivers what stood before the listener came: soon, never inside `on` itself. */
  begin(initial: SecretChange<T>): void {
    if (!this.#wantsInitial) return;
    this.#next.put(initial);
    this.#busy = true;
    // Fake timers of a test runner may replace `queueMicrotask`.
    void Promise.resolve().then(() => this.#deliver());
  }

  /** @param hasAppeared what is `initial` to its secret did not stand before the listener came */
  push(change: SecretChange<T>, hasAppeared = false): void {
    if (this.#closed || (change.reason === "initial" && !this.#wantsInitial && !hasAppeared)) return;
    this.#next.put(change);
    this.resume();
  }

  /** Delivers a change that was withheld. */
  resume(): void {
    if (!this.#busy) void this.#deliver();
  }

  drop(isDropped: (secret: SnapshotSecret<T>) => boolean): void {
    this.#next.drop(isDropped);
  }

  /** Afterwards the listener is never called again. */
  close(): void {
    this.#closed = true;
    this.#next.clear();
  }

  async #deliver(): Promise<void> {
    this.#busy = true;
    for (let change = this.#take(); change !== undefined; change = this.#take()) {
      try {
        await this.#listener(change);
      } catch (error) {
        this.#host.onFailure(error);
      }
    }
    this.#busy = false;
  }

  #take(): SecretChange<T> | undefined {
    return this.#closed ? undefined : this.#next.take();
  }
}
