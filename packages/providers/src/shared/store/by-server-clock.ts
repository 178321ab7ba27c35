import { type CallContext, isSecretError } from "@tacit/core/provider";
import type { LoginParts } from "./store-api.ts";

/**
 * Logs in with a proof that contains the store's wall time. If the store refuses it, and its response shows that the estimate of its
 * clock was wrong by more than a minute, logs in once more.
 * @throws {SecretError} the error of the last login
 */
export async function byServerClock<R>(
  login: () => Promise<R>,
  parts: Pick<LoginParts, "serverNow" | "host">,
  { signal }: CallContext,
): Promise<R> {
  const aheadMs = (): number => parts.serverNow() - parts.host.clock.now();
  const thoughtMs = aheadMs();
  try {
    return await login();
  } catch (error) {
    signal.throwIfAborted();
    const isOtherTime = Math.abs(aheadMs() - thoughtMs) > toleratedMs;
    if (!isSecretError(error, "UNAUTHENTICATED") || !isOtherTime) throw error;
    return login();
  }
}

/** Well below the 5 minutes that clouds allow. */
const toleratedMs = 60_000;
