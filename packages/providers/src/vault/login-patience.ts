import { isSecretError, type ProviderHost } from "@tacit/core/provider";

/**
 * Keeps a login that is refused from being repeated for each secret: the refusal is told again for a while. The first one is
 * not: whoever mends the role wants the next read to succeed. A store that is down is the client's to be patient with.
 */
export class LoginPatience {
  readonly #host: Pick<ProviderHost, "clock" | "random">;
  #failures = 0;
  #refusal: { readonly error: unknown; readonly until: number } | undefined;

  constructor(host: Pick<ProviderHost, "clock" | "random">) {
    this.#host = host;
  }

  /** @throws what the last login threw, while it holds */
  check(): void {
    if (this.#refusal === undefined || this.#host.clock.monotonic() >= this.#refusal.until) return;
    throw this.#refusal.error;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#refusal = undefined;
  }

  failed(error: unknown): void {
    if (!isSecretError(error) || error.code === "UNAVAILABLE") return;
    this.#failures += 1;
    const pauseMs = error.retryable ? firstPauseMs * (2 ** (this.#failures - 1) - 1) : mistakePauseMs;
    const jittered = Math.min(pauseMs, longestPauseMs) * (0.75 + this.#host.random() / 4);
    this.#refusal = { error, until: this.#host.clock.monotonic() + Math.max(jittered, error.retryAfterMs ?? 0) };
  }
}

/** After the second refusal in a row; doubled up to the longest. */
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** What is wrong in the configuration stays wrong. */
const mistakePauseMs = 30_000;
