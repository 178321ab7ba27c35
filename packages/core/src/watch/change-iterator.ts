import type { SnapshotSecret } from "../secret/secret.ts";
import { type ConsumerHost, NextChange } from "./next-change.ts";
import type { SecretChange } from "./secret-change.ts";

/** The watch of an iterator, which is notified of its end. */
interface IteratorHost<T> extends ConsumerHost<T> {
  onEnd(iterator: ChangeIterator<T>): void;
}

/**
 * The changes for one `for await`. A slow loop skips versions, but never the newest. The iterator does not keep the process alive.
 * If it is left without `return()`, it stays registered until its watch closes.
 */
export class ChangeIterator<T> implements AsyncIterableIterator<SecretChange<T>> {
  readonly #host: IteratorHost<T>;
  readonly #next: NextChange<T>;
  readonly #waiting: ((result: IteratorResult<SecretChange<T>>) => void)[] = [];
  #ended = false;

  constructor(host: IteratorHost<T>) {
    this.#host = host;
    this.#next = new NextChange(host, true);
  }

  get hasBegun(): boolean {
    return this.#next.hasBegun;
  }

  push(change: SecretChange<T>): void {
    if (this.#ended) return;
    this.#next.put(change);
    this.resume();
  }

  /** Delivers a change that was withheld. */
  resume(): void {
    if (this.#waiting.length === 0) return;
    const value = this.#next.take();
    if (value !== undefined) this.#waiting.shift()?.({ value, done: false });
  }

  drop(isDropped: (secret: SnapshotSecret<T>) => boolean): void {
    this.#next.drop(isDropped);
  }

  next(): Promise<IteratorResult<SecretChange<T>>> {
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    // Earlier calls are served first.
    const value = this.#waiting.length === 0 ? this.#next.take() : undefined;
    if (value !== undefined) return Promise.resolve({ value, done: false });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<SecretChange<T>>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#next.clear();
    for (const resolve of this.#waiting.splice(0)) resolve({ value: undefined, done: true });
    this.#host.onEnd(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
