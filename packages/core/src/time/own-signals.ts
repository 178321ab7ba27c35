import { untilAborted } from "./until-aborted.ts";

/**
 * Gives each piece of work its own signal, which aborts with the common one or with that of its caller. Listeners that the work
 * adds are released with it, and the common signal has only one listener.
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

  /** Settles with the work, or rejects with the reason of the first signal that aborts. */
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
