import { type CallContext, type Clock, isSecretError, type SecretError, type Timer } from "@tacit/core/provider";

/** The deadlines of a call, which run independently. */
export type Deadline = "connect" | "silence" | "answer" | "drain";

/**
 * The lifetime of one call. The first of an abort, a deadline, the close of the client and the end of the consumer stops it,
 * and immediately closes everything that the call holds.
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
    // Prevents an unhandled rejection while nothing awaits the promise.
    this.#stopped.promise.catch(() => undefined);
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** The error that stopped the call; undefined while it runs. */
  get outcome(): { readonly error: unknown } | undefined {
    return this.#outcome;
  }

  /** A promise that rejects when the call is stopped. Each use in `Promise.race` takes memory until the call ends. */
  get stopped(): Promise<never> {
    return this.#stopped.promise;
  }

  /** Starts or restarts a deadline, which stops the call with the error. */
  within(deadline: Deadline, ms: number, error: () => SecretError): void {
    this.met(deadline);
    if (this.#outcome === undefined) {
      this.#timers.set(
        deadline,
        this.#clock.setTimer(() => this.stop(error()), ms),
      );
    }
  }

  /** Cancels a deadline that has been met. */
  met(deadline: Deadline): void {
    this.#timers.get(deadline)?.cancel();
    this.#timers.delete(deadline);
  }

  /** Registers a function to run when the call stops; runs it immediately if the call has stopped. */
  hold(teardown: () => void): void {
    if (this.#outcome === undefined) this.#teardowns.push(teardown);
    else teardown();
  }

  /** Stops the call with an error, and runs the registered functions. Later calls have no effect. */
  stop(error: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { error };
    this.#stopped.reject(error);
    this.#release();
    for (const teardown of this.#teardowns.splice(0)) teardown();
  }

  /** Returns the error to throw for a failure: a SecretError unchanged, else the error that stopped the call, else a translation. */
  failure(error: unknown, translate: (error: unknown) => SecretError): unknown {
    if (isSecretError(error)) return error;
    return this.#outcome === undefined ? translate(error) : this.#outcome.error;
  }

  /** Ends the call without running the registered functions, so that the connection can be reused. */
  complete(): void {
    this.#teardowns.length = 0;
    this.#release();
  }

  #release(): void {
    for (const deadline of [...this.#timers.keys()]) this.met(deadline);
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}
