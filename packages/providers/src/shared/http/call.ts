import { type CallContext, type Clock, isSecretError, type SecretError, type Timer } from "@tacit/core/provider";

/** The deadlines that run beside a call, each on its own. */
export type Deadline = "connect" | "silence" | "answer" | "drain";

/**
 * The end of one call: whichever comes first of an abort, a deadline, the client's close and the consumer's own end stops it,
 * and everything that the call holds is torn down at once.
 */
export class HttpCall {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #timers = new Map<Deadline, Timer>();
  readonly #teardowns: (() => void)[] = [];
  readonly #stopped: PromiseWithResolvers<never> = Promise.withResolvers<never>();
  readonly #onAbort = (): void => this.stop(this.#signal.reason);
  #outcome: { readonly error: unknown } | undefined;

  constructor(clock: Clock, { signal }: CallContext) {
    this.#clock = clock;
    this.#signal = signal;
    // Nobody may be waiting at the moment when it rejects.
    this.#stopped.promise.catch(() => undefined);
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** What stopped the call; undefined while it runs. */
  get outcome(): { readonly error: unknown } | undefined {
    return this.#outcome;
  }

  /** Rejects when the call is stopped. Made for the few waits of a call: each one costs memory until the call ends. */
  get stopped(): Promise<never> {
    return this.#stopped.promise;
  }

  /** Starts a deadline, anew if it runs. */
  within(deadline: Deadline, ms: number, error: () => SecretError): void {
    this.met(deadline);
    if (this.#outcome === undefined) {
      this.#timers.set(
        deadline,
        this.#clock.setTimer(() => this.stop(error()), ms),
      );
    }
  }

  /** Ends a deadline. */
  met(deadline: Deadline): void {
    this.#timers.get(deadline)?.cancel();
    this.#timers.delete(deadline);
  }

  /** Has something torn down when the call stops; at once if it has. */
  hold(teardown: () => void): void {
    if (this.#outcome === undefined) this.#teardowns.push(teardown);
    else teardown();
  }

  /** Ends the call and whatever it holds. The first error counts. */
  stop(error: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { error };
    this.#stopped.reject(error);
    this.#release();
    for (const teardown of this.#teardowns.splice(0)) teardown();
  }

  /** What to throw where something failed: an error that is ours already, else what stopped the call, else a translation. */
  failure(error: unknown, translate: (error: unknown) => SecretError): unknown {
    if (isSecretError(error)) return error;
    return this.#outcome === undefined ? translate(error) : this.#outcome.error;
  }

  /** Ends the call and leaves what it holds as it is: the connection serves the next request. */
  complete(): void {
    this.#teardowns.length = 0;
    this.#release();
  }

  #release(): void {
    for (const deadline of [...this.#timers.keys()]) this.met(deadline);
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}
