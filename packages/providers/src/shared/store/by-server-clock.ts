import { type CallContext, isSecretError } from "@tacit/core/provider";
import type { LoginParts } from "./store-api.ts";

/**
 * Logs in with a proof that holds the store's wall time; once more where the store refuses it and has told with its refusal that its
 * clock is another one than was thought.
 * @throws {SecretError} what the last login threw
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

/** Clouds allow 5 minutes. */
const toleratedMs = 60_000;
