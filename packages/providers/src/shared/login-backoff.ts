import { isSecretError, type ProviderHost } from "@tacit/core/provider";

/**
 * Limits how often a refused login is repeated: during a pause, it throws the last refusal again. A first refusal that is
 * retryable starts no pause, so that the next read succeeds once the role is corrected. An outage starts none either: the client
 * has its own backoff for unavailable stores.
 */
export class LoginBackoff {
  readonly #host: Pick<ProviderHost, "clock" | "random">;
  #inARow = 0;
  #refused = 0;
  #refusal: { readonly error: unknown; readonly until: number } | undefined;

  constructor(host: Pick<ProviderHost, "clock" | "random">) {
    this.#host = host;
  }

  /** The number of logins that have failed so far. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Checks that a login may be attempted now.
   * @param since the value of `refused` when the request began: a login that failed after that applies to the request
   * @throws the error of the last login, during its pause or if it failed after the request began
   */
  check(since: number): void {
    if (this.#refusal === undefined) return;
    if (since < this.#refused || this.#host.clock.monotonic() < this.#refusal.until) throw this.#refusal.error;
  }

  succeeded(): void {
    this.#inARow = 0;
    this.#refusal = undefined;
  }

  failed(error: unknown): void {
    const now = this.#host.clock.monotonic();
    this.#refused += 1;
    this.#refusal = { error, until: now };
    if (!isSecretError(error) || error.code === "UNAVAILABLE") return;
    this.#inARow += 1;
    const pauseMs = error.retryable ? firstPauseMs * (2 ** (this.#inARow - 1) - 1) : mistakePauseMs;
    const jitteredMs = Math.min(pauseMs, longestPauseMs) * (0.75 + this.#host.random() / 4);
    this.#refusal = { error, until: now + Math.max(jitteredMs, error.retryAfterMs ?? 0) };
  }
}

/** The pause after the second refusal in a row. After n refusals it is 2^(n-1) - 1 times as long, up to the maximum. */
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** The pause after an error that is not retryable, such as a mistake in the configuration. */
const mistakePauseMs = 30_000;
