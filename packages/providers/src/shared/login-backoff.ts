import { isSecretError, type ProviderHost } from "@tacit/core/provider";

/**
 * Keeps a login that is refused from being repeated for each secret: the refusal is told again for a while. The first one is
 * not: whoever mends the role wants the next read to succeed. A store that is down is the client's to be patient with.
 */
export class LoginBackoff {
  readonly #host: Pick<ProviderHost, "clock" | "random">;
  #inARow = 0;
  #refused = 0;
  #refusal: { readonly error: unknown; readonly until: number } | undefined;

  constructor(host: Pick<ProviderHost, "clock" | "random">) {
    this.#host = host;
  }

  /** How many logins have failed so far. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * @param since `refused` when the request began for which a login is wanted: a later failure is its answer
   * @throws what the last login threw, while it holds
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

/** After the second refusal in a row; doubled up to the longest. */
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** What is wrong in the configuration stays wrong. */
const mistakePauseMs = 30_000;
