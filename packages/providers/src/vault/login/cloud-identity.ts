import { type CallContext, isSecretError, SecretError } from "@tacit/core/provider";
import { unlessAborted } from "../../shared/pause.ts";

/**
 * Asks a cloud who this machine is. Whatever goes wrong is told in our words alone: what an SDK throws quotes answers and tokens.
 * @param what the cloud gave none of: `AWS credentials`
 * @param tip what to do where it has none
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED, with reason `cloud-identity`; INVALID_CONFIG
 */
export async function askCloud<T>(
  what: string,
  tip: string,
  ask: () => Promise<T>,
  { signal }: CallContext,
): Promise<T> {
  try {
    signal.throwIfAborted();
    return await unlessAborted(ask(), signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isSecretError(error, "INVALID_CONFIG", "CLOSED")) throw error;
    throw new SecretError(codeOf(error), `the cloud of this machine gave no ${what}`, {
      reason: "cloud-identity",
      cause: error,
      retryAfterMs: isSecretError(error) ? error.retryAfterMs : undefined,
      tip,
    });
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
