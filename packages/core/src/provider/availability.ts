import { SecretError } from "../error/secret-error.ts";
import { backoffMs, retryAfterFloorMs } from "../time/backoff.ts";
import type { Scheduler } from "../time/scheduler.ts";

const slots = 16;
/** The number of failed paths, without a success in between, that count as an outage of the store. A single one may be a bad secret. */
const failedPathsOfOutage = 3;
/** How much earlier paths that have not failed may probe the store. */
const headStartMs = 1_000;
/** Bounds the memory for failed paths. */
const mostFailedPaths = 1_000;

/** The errors that were thrown instead of a call. */
const refusals = new WeakSet<SecretError>();

/** Returns whether an error was thrown instead of a call, because the provider was unavailable. */
export function isUnavailableRefusal(error: SecretError): boolean {
  return refusals.has(error);
}

/** Returns whether an error, or the original of a copy, was thrown because its cause made a provider unavailable. */
export function isRefusalBecauseOf({ message, provider = "" }: SecretError, cause: SecretError): boolean {
  return message === refusalMessage(cause, provider);
}

function refusalMessage({ message }: SecretError, provider: string): string {
  return `${message}; provider "${provider}" is not asked again for a while`;
}

/** `call`: a call to an available provider. `probe`: the only call at a time to an unavailable one, after the backoff. `early-probe`: a probe before that, after a local hint. */
type CallKind = "call" | "probe" | "early-probe";

/**
 * Decides when a provider may be called: at most 16 calls at once, and while its store is known to be down, only one probe at a
 * time (a circuit breaker). It has no timer, and a caller never waits for an unavailable provider, but gets an error immediately.
 */
export class Availability {
  readonly #scheduler: Scheduler;
  readonly #provider: string;
  readonly #onChange: (error: SecretError | undefined) => void;
  readonly #waiting: (() => void)[] = [];
  /** The paths whose calls have failed since the last response of the store, the latest last. */
  readonly #failedPaths: Set<string> = new Set();
  #inFlight = 0;
  /** The error that made the provider unavailable; undefined while it is available. */
  #error: SecretError | undefined;
  #failures = 0;
  #unavailableUntil = 0;
  #floorUntil = 0;
  #probe: Promise<void> | undefined;

  constructor(scheduler: Scheduler, provider: string, onChange: (error: SecretError | undefined) => void) {
    this.#scheduler = scheduler;
    this.#provider = provider;
    this.#onChange = onChange;
  }

  get isAvailable(): boolean {
    return this.#error === undefined;
  }

  /** Returns the monotonic time from which a call for the path may be made; 0 while available. It is earlier for paths that have not failed. */
  retryAt(path: string): number {
    if (this.#error === undefined) return 0;
    return this.#unavailableUntil + (this.#failedPaths.has(path) ? headStartMs : 0);
  }

  /**
   * Runs a call while the provider is available, or as its probe; otherwise throws a refusal.
   * @param urgent whether the call follows a local hint, and may probe before the end of the backoff, but not of a Retry-After
   * @throws {SecretError} the error of the call, or a refusal
   */
  async run<T>(path: string, call: () => Promise<T>, urgent: boolean): Promise<T> {
    const probed = this.#error === undefined ? undefined : await this.probe(path, call, urgent);
    return probed === undefined ? await this.#runInSlot(path, call, "call") : probed.result;
  }

  /**
   * Runs a call as the probe of an unavailable provider. Returns undefined if the provider is available, possibly after a probe
   * in progress.
   * @throws {SecretError} the error of the call, or a refusal
   */
  async probe<T>(path: string, call: () => Promise<T>, urgent: boolean): Promise<{ readonly result: T } | undefined> {
    while (this.#error !== undefined) {
      const kind = this.#probeOf(path, urgent);
      if (this.#probe !== undefined) await this.#probe;
      else if (kind !== undefined) return { result: await this.#runProbe(path, call, kind) };
      else throw this.#refusal(path, this.#error);
    }
    return undefined;
  }

  #probeOf(path: string, urgent: boolean): CallKind | undefined {
    const now = this.#scheduler.clock.monotonic();
    if (now >= this.retryAt(path)) return "probe";
    return urgent && now >= this.#floorUntil ? "early-probe" : undefined;
  }

  async #runProbe<T>(path: string, call: () => Promise<T>, kind: CallKind): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#probe = promise;
    try {
      return await this.#runInSlot(path, call, kind);
    } finally {
      this.#probe = undefined;
      resolve();
    }
  }

  async #runInSlot<T>(path: string, call: () => Promise<T>, kind: CallKind): Promise<T> {
    if (this.#inFlight >= slots) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inFlight += 1;
    try {
      // The provider may have become unavailable while this call waited for its slot.
      if (this.#error !== undefined && kind === "call") throw this.#refusal(path, this.#error);
      return await this.#judged(path, call, kind);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inFlight -= 1;
      else next();
    }
  }

  async #judged<T>(path: string, call: () => Promise<T>, kind: CallKind): Promise<T> {
    try {
      const result = await call();
      this.#onAnswer();
      return result;
    } catch (error) {
      this.#onFailure(path, error as SecretError, kind);
      throw error;
    }
  }

  #onFailure(path: string, error: SecretError, kind: CallKind): void {
    const { code, scope, retryAfterMs = 0 } = error;
    // The end of the client does not show the state of the store.
    if (code === "CLOSED") return;
    const atOnce = code === "THROTTLED" || code === "UNAUTHENTICATED" || retryAfterFloorMs(retryAfterMs) > 0;
    if (scope === "path" || (code !== "UNAVAILABLE" && !atOnce)) return this.#onAnswer();
    if (code === "UNAVAILABLE") this.#remember(path);
    const isOutage = this.#error !== undefined || this.#failedPaths.size >= failedPathsOfOutage;
    if (atOnce || isOutage) this.#makeUnavailable(error, kind);
  }

  #remember(path: string): void {
    this.#failedPaths.delete(path);
    this.#failedPaths.add(path);
    const [oldest] = this.#failedPaths;
    if (this.#failedPaths.size > mostFailedPaths && oldest !== undefined) this.#failedPaths.delete(oldest);
  }

  #makeUnavailable(error: SecretError, kind: CallKind): void {
    const { clock, random } = this.#scheduler;
    const now = clock.monotonic();
    const wasAvailable = this.#error === undefined;
    this.#error = error;
    this.#floorUntil = Math.max(this.#floorUntil, now + retryAfterFloorMs(error.retryAfterMs ?? 0));
    // An early probe does not extend the backoff, so that hints of one broken path do not delay the others.
    if (wasAvailable || kind === "probe") this.#failures += 1;
    const wait = kind === "early-probe" ? 0 : backoffMs(this.#failures, random, error.retryAfterMs);
    this.#unavailableUntil = Math.max(this.#unavailableUntil, this.#floorUntil, now + wait);
    if (wasAvailable) this.#onChange(error);
  }

  #onAnswer(): void {
    this.#failedPaths.clear();
    if (this.#error === undefined) return;
    // A response to a call from before the outage does not end a Retry-After.
    if (this.#scheduler.clock.monotonic() < this.#floorUntil) return;
    this.#error = undefined;
    this.#failures = 0;
    this.#unavailableUntil = 0;
    this.#floorUntil = 0;
    this.#onChange(undefined);
  }

  #refusal(path: string, error: SecretError): SecretError {
    const retryAfterMs = Math.max(0, Math.ceil(this.retryAt(path) - this.#scheduler.clock.monotonic()));
    // A denial with a Retry-After concerns another secret, so the refusal of this one is THROTTLED.
    const code = error.code === "UNAVAILABLE" || error.code === "UNAUTHENTICATED" ? error.code : "THROTTLED";
    const refusal = new SecretError(code, refusalMessage(error, this.#provider), {
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
