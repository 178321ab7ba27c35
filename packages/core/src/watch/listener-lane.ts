import type { SnapshotSecret } from "../secret/secret.ts";
import { type ConsumerHost, NextChange } from "./next-change.ts";
import type { SecretChange } from "./secret-change.ts";

/** Called with each change; the next one waits for the returned promise. */
export type ChangeListener<T> = (change: SecretChange<T>) => unknown;

/** The watch of a listener, which is notified of its failures. */
interface LaneHost<T> extends ConsumerHost<T> {
  onFailure(error: unknown): void;
}

/** The delivery to one listener. The next change waits until the promise that it returned settles; at most one change waits. */
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

  /** Delivers the current value to a new listener, asynchronously. */
  begin(initial: SecretChange<T>): void {
    if (!this.#wantsInitial) return;
    this.#next.put(initial);
    this.#busy = true;
    // A promise is used because fake timers of a test runner may replace `queueMicrotask`.
    void Promise.resolve().then(() => this.#deliver());
  }

  /** Delivers a change. @param hasAppeared whether a change with the reason `initial` is newer than the listener */
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

  /** Stops the delivery: the listener is not called again. */
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
