import { SecretError } from "../error/secret-error.ts";
import { backoffMs, retryAfterFloorMs } from "../time/backoff.ts";
import type { Scheduler } from "../time/scheduler.ts";

const slots = 16;
/** A single UNAVAILABLE is one bad path as often as one bad store; three in a row over any paths is the store. */
const unavailableBeforeClosing = 3;

/** errors with which a closed gate answered instead of a call */
const refusals = new WeakSet<SecretError>();

/** Whether no call was made: the gate was closed. */
export function isGateRefusal(error: SecretError): boolean {
  return refusals.has(error);
}

/**
 * Decides when a provider may be called: at most 16 calls at once, and none while it is known to be down, except one
 * probe at a time. It holds no timer and never makes a caller wait for a closed provider: it answers at once.
 */
export class Gate {
  readonly #scheduler: Scheduler;
  readonly #provider: string;
  readonly #onState: (error: SecretError | undefined) => void;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  #unavailableInRow = 0;
  #closings = 0;
  #closingError: SecretError | undefined;
  #closedUntil = 0;
  #floorUntil = 0;
  #probe: Promise<void> | undefined;

  constructor(scheduler: Scheduler, provider: string, onState: (error: SecretError | undefined) => void) {
    this.#scheduler = scheduler;
    this.#provider = provider;
    this.#onState = onState;
  }

  /** Monotonic time from which a call is let through again; 0 when open. */
  get closedUntil(): number {
    return this.#closingError === undefined ? 0 : this.#closedUntil;
  }

  /**
   * Runs a call, or throws the closing error.
   * @param urgent a local hint: may be the probe before its time, never inside a Retry-After
   */
  async run<T>(call: () => Promise<T>, urgent: boolean): Promise<T> {
    while (this.#closingError !== undefined) {
      if (this.#probe !== undefined) await this.#probe;
      else if (this.#mayProbe(urgent)) return await this.#runProbe(call);
      else throw this.#closedError(this.#closingError);
    }
    return await this.#runInSlot(call, false);
  }

  #mayProbe(urgent: boolean): boolean {
    const now = this.#scheduler.clock.monotonic();
    return now >= (urgent ? this.#floorUntil : this.#closedUntil);
  }

  async #runProbe<T>(call: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#probe = promise;
    try {
      return await this.#runInSlot(call, true);
    } finally {
      this.#probe = undefined;
      resolve();
    }
  }

  async #runInSlot<T>(call: () => Promise<T>, isProbe: boolean): Promise<T> {
    if (this.#inFlight >= slots) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inFlight += 1;
    try {
      // It may have closed while this call waited for its slot.
      if (this.#closingError !== undefined && !isProbe) throw this.#closedError(this.#closingError);
      return await this.#judged(call);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inFlight -= 1;
      else next();
    }
  }

  async #judged<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call();
      this.#open();
      return result;
    } catch (error) {
      this.#judge(error as SecretError);
      throw error;
    }
  }

  #judge(error: SecretError): void {
    const { code, retryAfterMs = 0 } = error;
    // The client's own end says nothing about the store.
    if (code === "CLOSED") return;
    const atOnce = code === "THROTTLED" || code === "UNAUTHENTICATED" || retryAfterFloorMs(retryAfterMs) > 0;
    if (code !== "UNAVAILABLE" && !atOnce) return this.#open();
    if (code === "UNAVAILABLE") this.#unavailableInRow += 1;
    const isClosed = this.#closingError !== undefined;
    if (atOnce || isClosed || this.#unavailableInRow >= unavailableBeforeClosing) this.#close(error);
  }

  #close(error: SecretError): void {
    const now = this.#scheduler.clock.monotonic();
    const wasOpen = this.#closingError === undefined;
    if (wasOpen || this.#probe !== undefined) this.#closings += 1;
    const wait = backoffMs(this.#closings, this.#scheduler.random, error.retryAfterMs);
    this.#closingError = error;
    this.#closedUntil = Math.max(this.#closedUntil, now + wait);
    this.#floorUntil = Math.max(this.#floorUntil, now + retryAfterFloorMs(error.retryAfterMs ?? 0));
    if (wasOpen) this.#onState(error);
  }

  #open(): void {
    this.#unavailableInRow = 0;
    if (this.#closingError === undefined) return;
    // The answer to a call from before the closing does not lift a Retry-After.
    if (this.#scheduler.clock.monotonic() < this.#floorUntil) return;
    this.#closingError = undefined;
    this.#closings = 0;
    this.#closedUntil = 0;
    this.#floorUntil = 0;
    this.#onState(undefined);
  }

  #closedError(error: SecretError): SecretError {
    const retryAfterMs = Math.max(0, Math.ceil(this.#closedUntil - this.#scheduler.clock.monotonic()));
    // Another secret's denial with a Retry-After is none of this one.
    const code = error.code === "UNAVAILABLE" || error.code === "UNAUTHENTICATED" ? error.code : "THROTTLED";
    const refusal = new SecretError(code, `${error.message}; provider "${this.#provider}" is left alone for now`, {
      reason: error.reason,
      provider: this.#provider,
      retryAfterMs,
      tip: error.tip,
      cause: error,
    });
    refusals.add(refusal);
    return refusal;
  }
}
