import { untilAborted } from "./until-aborted.ts";

/**
 * Gives each piece of work a signal of its own, which ends with the common one or with its caller's. What the work leaves at
 * it goes with it, and however much runs at once, one listener stands at the common signal.
 */
export class OwnSignals {
  readonly #common: AbortSignal;
  readonly #running: Set<AbortController> = new Set();

  constructor(common: AbortSignal) {
    this.#common = common;
    const onAbort = (): void => {
      for (const controller of this.#running) controller.abort(common.reason);
    };
    common.addEventListener("abort", onAbort, { once: true });
  }

  /** Settles with the work, or rejects with the reason of the signal that ends it. */
  async run<V>(work: (signal: AbortSignal) => Promise<V>, callers: AbortSignal | undefined): Promise<V> {
    this.#common.throwIfAborted();
    callers?.throwIfAborted();
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(callers?.reason);
    callers?.addEventListener("abort", onAbort, { once: true });
    this.#running.add(controller);
    try {
      return await untilAborted(work(controller.signal), controller.signal);
    } finally {
      this.#running.delete(controller);
      callers?.removeEventListener("abort", onAbort);
    }
  }
}
