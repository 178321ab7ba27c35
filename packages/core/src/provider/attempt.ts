import { isSecretError, SecretError, withErrorContext } from "../error/secret-error.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { CallContext } from "./contract.ts";

/** One call's deadline, from dispatch. */
export const attemptDeadlineMs = 10_000;

interface AttemptOptions<T> {
  readonly provider: string;
  readonly scheduler: Scheduler;
  /** Ends with the client. */
  readonly closed: AbortSignal;
  readonly redact: (text: string) => string;
  readonly deadlineMs?: number;
  /** Gets rid of a result that arrives when nobody waits for it any more. */
  readonly discard?: ((late: T) => unknown) | undefined;
}

/**
 * Makes one provider call with a deadline. It settles at the deadline or when the client closes even if the provider
 * ignores its signal, and rejects with nothing but a SecretError.
 * @throws {SecretError} UNAVAILABLE/timeout, CLOSED, or what the provider threw, in scrubbed form
 */
export function attempt<T>(call: (context: CallContext) => Promise<T>, options: AttemptOptions<T>): Promise<T> {
  const { provider, scheduler, closed, redact, deadlineMs = attemptDeadlineMs, discard } = options;
  const controller = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const end = (error: SecretError): void => {
    reject(error);
    controller.abort(error);
  };
  const onClose = (): void => end(new SecretError("CLOSED", "the client was closed", { provider }));
  const deadline = scheduler.after(deadlineMs, () => end(timeoutError(provider, deadlineMs)));
  closed.addEventListener("abort", onClose, { once: true });
  const settle = (): void => {
    scheduler.cancel(deadline);
    closed.removeEventListener("abort", onClose);
  };
  if (closed.aborted) onClose();
  else {
    const running = run(call, controller.signal);
    running.then(resolve, (error) => reject(toSecretError(error, provider, redact)));
    if (discard !== undefined) controller.signal.addEventListener("abort", () => discardLate(running, discard));
  }
  return promise.finally(settle);
}

/** Turns whatever was thrown into a SecretError that is safe to show: text passes the redactor, foreign text is withheld. */
export function toSecretError(error: unknown, provider: string, redact: (text: string) => string): SecretError {
  if (isSecretError(error)) {
    const message = redact(error.message);
    return error.provider === provider && message === error.message
      ? error
      : withErrorContext(error, { message, provider: error.provider ?? provider });
  }
  return new SecretError("INTERNAL", `provider "${provider}" failed in a way that its adapter did not foresee`, {
    reason: "unexpected",
    provider,
    cause: error,
    tip: "The cause shows where; report it to the author of the adapter.",
  });
}

async function discardLate<T>(running: Promise<T>, discard: (late: T) => unknown): Promise<void> {
  try {
    await discard(await running);
  } catch {
    // Nobody is left to hear that it failed, or that its end did.
  }
}

/** A provider may throw before it returns a promise. */
async function run<T>(call: (context: CallContext) => Promise<T>, signal: AbortSignal): Promise<T> {
  return await call({ signal });
}

function timeoutError(provider: string, deadlineMs: number): SecretError {
  return new SecretError("UNAVAILABLE", `provider "${provider}" gave no answer within ${deadlineMs / 1000} s`, {
    reason: "timeout",
    provider,
    tip: "Check that the store is reachable from this process.",
  });
}
