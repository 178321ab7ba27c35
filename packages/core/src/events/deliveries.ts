import { type Emit, failureOf } from "./events.ts";

/**
 * Tells followers of news, after every view that the same reading concerns has taken it: nobody meets one sibling with the
 * new value and another with the old one.
 */
export class Deliveries {
  readonly #emit: Emit;
  readonly #waiting: (() => void)[] = [];
  #depth = 0;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Hands one piece of news to each receiver; what `tell` was given meanwhile follows when all have it. */
  deliver<R>(receivers: Iterable<R>, hand: (receiver: R) => void): void {
    this.#depth += 1;
    for (const receiver of receivers) this.#isolate(() => hand(receiver));
    this.#depth -= 1;
    if (this.#depth > 0) return;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#isolate(next);
    }
  }

  /** Calls at once, or after the delivery that is under way. */
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
