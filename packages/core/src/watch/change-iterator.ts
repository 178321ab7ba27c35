import type { SnapshotSecret } from "../secret/secret.ts";
import { mergeChanges, type SecretChange, withoutDropped } from "./secret-change.ts";

/**
 * The changes of one `for await`: a slow loop skips versions, never the newest. It holds nothing that keeps a process alive. One
 * that is left without `return()` stays until its watch closes.
 */
export class ChangeIterator<T> implements AsyncIterableIterator<SecretChange<T>> {
  readonly #onEnd: (iterator: ChangeIterator<T>) => void;
  #pending: SecretChange<T> | undefined;
  readonly #waiting: ((result: IteratorResult<SecretChange<T>>) => void)[] = [];
  #begun = false;
  #ended = false;

  constructor(onEnd: (iterator: ChangeIterator<T>) => void) {
    this.#onEnd = onEnd;
  }

  /** The first change it gets is its `initial` one, whatever it was for others. */
  push(change: SecretChange<T>): void {
    if (this.#ended) return;
    const own: SecretChange<T> = this.#begun ? change : { current: change.current, reason: "initial" };
    this.#begun = true;
    const next = this.#waiting.shift();
    if (next !== undefined) next({ value: own, done: false });
    else this.#pending = mergeChanges(this.#pending, own);
  }

  get hasBegun(): boolean {
    return this.#begun;
  }

  /** A value that was dropped is not delivered any more. */
  drop(isDropped: (secret: SnapshotSecret<T>) => boolean): void {
    this.#pending = withoutDropped(this.#pending, isDropped);
  }

  next(): Promise<IteratorResult<SecretChange<T>>> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) return Promise.resolve({ value: pending, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<SecretChange<T>>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#pending = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve({ value: undefined, done: true });
    this.#onEnd(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
