import type { CallContext } from "../contract/contract.ts";
import { isSecretError, SecretError, withErrorContext } from "../error/secret-error.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";

/** The deadline of a call. */
const attemptDeadlineMs = 10_000;

/** The state that the attempts of one provider share. */
interface AttemptOptions {
  readonly provider: string;
  readonly scheduler: Scheduler;
  /** Aborts when the client closes. */
  readonly closed: AbortSignal;
  readonly redact: (text: string) => string;
}

/**
 * The calls of one provider, each with a deadline. A call settles at its deadline or when the client closes even if the
 * provider ignores its signal, and rejects with nothing but a SecretError.
 */
export class Attempts {
  readonly #options: AttemptOptions;
  /** The running attempts. They share one listener on the signal of the client, since adding and removing listeners takes linear time. */
  readonly #running: Set<{ end(error: SecretError): void }> = new Set();

  constructor(options: AttemptOptions) {
    this.#options = options;
    options.closed.addEventListener("abort", () => this.end(), { once: true });
  }

  /** Makes a call. @throws {SecretError} UNAVAILABLE/timeout, CLOSED, or the scrubbed error of the provider */
  async run<T>(call: (context: CallContext) => Promise<T>): Promise<T> {
    const { provider, scheduler, closed, redact } = this.#options;
    if (closed.aborted) throw closedError(provider);
    const attempt = new Attempt<T>(provider);
    scheduler.schedule(attempt, attemptDeadlineMs);
    this.#running.add(attempt);
    start(call, attempt.context).then(attempt.resolve, (error) =>
      attempt.reject(toSecretError(error, provider, redact)),
    );
    try {
      return await attempt.settled;
    } finally {
      scheduler.cancel(attempt);
      this.#running.delete(attempt);
    }
  }

  /** Ends the running attempts with CLOSED. */
  end(): void {
    for (const attempt of this.#running) attempt.end(closedError(this.#options.provider));
  }
}

/** A call in progress; its deadline is a task of the scheduler. */
class Attempt<T> implements Task {
  dueAt = 0;
  slot = -1;
  readonly context: CallContext;
  readonly settled: Promise<T>;
  readonly resolve: (result: T) => void;
  readonly reject: (error: SecretError) => void;
  readonly #provider: string;
  #controller: AbortController | undefined;
  #end: SecretError | undefined;

  constructor(provider: string) {
    this.#provider = provider;
    ({ promise: this.settled, resolve: this.resolve, reject: this.reject } = Promise.withResolvers<T>());
    const signal = (): AbortSignal => this.#signal();
    this.context = {
      get signal() {
        return signal();
      },
    };
  }

  run(): void {
    this.end(timeoutError(this.#provider, attemptDeadlineMs));
  }

  end(error: SecretError): void {
    this.#end = error;
    this.reject(error);
    this.#controller?.abort(error);
  }

  /** Created on first access, which a provider that reads memory or a file does not need. */
  #signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#end !== undefined) this.#controller.abort(this.#end);
    }
    return this.#controller.signal;
  }
}

/**
 * Converts any thrown value to a SecretError that is safe to show. The texts of a SecretError are redacted, those of other errors
 * are not included.
 */
export function toSecretError(error: unknown, provider: string, redact: (text: string) => string): SecretError {
  if (isSecretError(error)) return redacted(error, error.provider ?? provider, redact);
  return new SecretError("INTERNAL", `provider "${provider}" failed with an error that its adapter did not expect`, {
    reason: "unexpected",
    provider,
    cause: error,
    tip: "The cause shows the place; report it to the author of the adapter.",
  });
}

/** Redacts the texts of an error. Returns the same object if nothing was masked, since refusals of an unavailable provider are recognised by identity. */
function redacted(error: SecretError, provider: string | undefined, redact: (text: string) => string): SecretError {
  const message = redact(error.message);
  const tip = error.tip === undefined ? undefined : redact(error.tip);
  const errors = error.errors?.map((each) => redacted(each, each.provider, redact));
  const cause = isSecretError(error.cause) ? redacted(error.cause, error.cause.provider, redact) : error.cause;
  const isSame =
    message === error.message &&
    tip === error.tip &&
    cause === error.cause &&
    provider === error.provider &&
    (errors ?? []).every((each, index) => each === error.errors?.[index]);
  return isSame ? error : withErrorContext(error, { message, tip, errors, cause, provider });
}

/** Makes a call that may throw before it returns a promise. */
async function start<T>(call: (context: CallContext) => Promise<T>, context: CallContext): Promise<T> {
  return await call(context);
}

function closedError(provider: string): SecretError {
  return new SecretError("CLOSED", "the client was closed", { provider });
}

function timeoutError(provider: string, deadlineMs: number): SecretError {
  return new SecretError("UNAVAILABLE", `provider "${provider}" did not answer within ${deadlineMs / 1000} s`, {
    reason: "timeout",
    provider,
    tip: "Check that the store is reachable from this process.",
  });
}
