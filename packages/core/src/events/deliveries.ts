import { type Emit, failureOf } from "./events.ts";

/**
 * Notifies listeners only after every view of the same read has adopted it, so that no listener sees one view with the new
 * value and another with the old one.
 */
export class Deliveries {
  readonly #emit: Emit;
  readonly #waiting: (() => void)[] = [];
  #depth = 0;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Calls `notify` for each receiver, then every call that `tell` postponed meanwhile. */
  deliver<R>(receivers: Iterable<R>, notify: (receiver: R) => void): void {
    this.#depth += 1;
    for (const receiver of receivers) this.#isolate(() => notify(receiver));
    this.#depth -= 1;
    if (this.#depth > 0) return;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#isolate(next);
    }
  }

  /** Calls the function at once, or after the delivery in progress. */
  tell(call: () => void): void {
    if (this.#depth > 0 || this.#waiting.length > 0) this.#waiting.push(call);
    else this.#isolate(call);
  }

  #isolate(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#emit({ type: "listener-failed", event: "delivery", ...failureOf(error) });
    }
  }
}
