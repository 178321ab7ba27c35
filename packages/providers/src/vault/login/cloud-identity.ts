import { isSecretError, SecretError } from "@tacit/core/provider";
import { unlessAborted } from "../../shared/pause.ts";
import type { LoginContext } from "./login.ts";

/** Below the deadline of a read, 10 s, so that this is what it hears. */
const deadlineMs = 9000;

/**
 * Asks a cloud who this machine is, for 9 s at most: an SDK may wait for ever, and every other read would wait for this login.
 * Whatever goes wrong is told in our words alone, as what an SDK throws quotes answers and tokens.
 * @param what the cloud gave none of: `AWS credentials`
 * @param tip what to do where it has none
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED, with reason `cloud-identity`; INVALID_CONFIG
 */
export async function askCloud<T>(
  what: string,
  tip: string,
  ask: () => Promise<T>,
  { signal, host }: Pick<LoginContext, "signal" | "host">,
): Promise<T> {
  signal.throwIfAborted();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = host.clock.setTimer(
    () => reject(new SecretError("UNAVAILABLE", "no answer in time", { reason: "timeout" })),
    deadlineMs,
  );
  try {
    return await unlessAborted(Promise.race([ask(), late]), signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isSecretError(error, "INVALID_CONFIG", "CLOSED")) throw error;
    throw new SecretError(codeOf(error), `the cloud of this machine gave no ${what}`, {
      reason: "cloud-identity",
      cause: error,
      retryAfterMs: isSecretError(error) ? error.retryAfterMs : undefined,
      tip,
    });
  } finally {
    timer.cancel();
  }
}

/** What passes by itself is told apart, as far as an SDK says it. */
function codeOf(error: unknown): "UNAUTHENTICATED" | "UNAVAILABLE" | "THROTTLED" {
  if (isSecretError(error))
    return isSecretError(error, "UNAVAILABLE", "THROTTLED") ? (error.code as "UNAVAILABLE") : "UNAUTHENTICATED";
  const { code, status, statusCode, $metadata } = Object(error) as Readonly<Record<string, unknown>>;
  const answered = Number(status ?? statusCode ?? (Object($metadata) as { httpStatusCode?: unknown }).httpStatusCode);
  if (answered === 429) return "THROTTLED";
  const isDown =
    answered >= 500 || /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)/.test(String(code));
  return isDown ? "UNAVAILABLE" : "UNAUTHENTICATED";
}
