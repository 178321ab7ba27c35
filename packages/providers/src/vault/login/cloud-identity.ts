import { type CallContext, isSecretError, SecretError } from "@tacit/core/provider";
import { unlessAborted } from "../../shared/pause.ts";

/**
 * Asks a cloud who this machine is. Whatever goes wrong is told in our words alone: what an SDK throws quotes answers and tokens.
 * @param what the cloud gave none of: `AWS credentials`
 * @throws {SecretError} UNAUTHENTICATED `cloud-identity`, or UNAVAILABLE and THROTTLED with the same reason
 */
export async function askCloud<T>(
  what: string,
  tip: string,
  ask: () => Promise<T>,
  { signal }: CallContext,
): Promise<T> {
  try {
    return await unlessAborted(ask(), signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isSecretError(error, "INVALID_CONFIG", "CLOSED")) throw error;
    const code = isSecretError(error, "UNAVAILABLE", "THROTTLED") ? error.code : "UNAUTHENTICATED";
    const retryAfterMs = isSecretError(error) ? error.retryAfterMs : undefined;
    throw new SecretError(code, `this machine's cloud gave no ${what}`, {
      reason: "cloud-identity",
      cause: error,
      retryAfterMs,
      tip,
    });
  }
}
