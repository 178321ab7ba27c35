import { mergeChanges, type SecretChange } from "./secret-change.ts";

export type ChangeListener<T> = (change: SecretChange<T>) => unknown;

/** One listener's own pace: its next change waits for the promise it returned, and at most one change waits. */
export class ListenerLane<T> {
  readonly wantsInitial: boolean;
  readonly #listener: ChangeListener<T>;
  readonly #onFailure: (error: unknown) => void;
  #pending: SecretChange<T> | undefined;
  #busy = false;
  #closed = false;

  constructor(listener: ChangeListener<T>, wantsInitial: boolean, onFailure: (error: unknown) => void) {
    this.#listener = listener;
    this.wantsInitial = wantsInitial;
    this.#onFailure = onFailure;
  }

  /** Delivers what stood before the listener came: soon, never inside `on` itself. */
  begin(initial: SecretChange<T>): void {
    if (!this.wantsInitial) return;
    this.#busy = true;
    this.#pending = initial;
    queueMicrotask(() => void this.#deliver());
  }

  push(change: SecretChange<T>): void {
    if (this.#closed || (change.reason === "initial" && !this.wantsInitial)) return;
    this.#pending = mergeChanges(this.#pending, change);
    if (!this.#busy) void this.#deliver();
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
        this.#onFailure(error);
      }
    }
    this.#busy = false;
  }
}
