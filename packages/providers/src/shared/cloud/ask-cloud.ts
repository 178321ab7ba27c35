import { type CallContext, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import { within } from "../within.ts";

/** What asking a cloud needs. */
export interface CloudContext extends CallContext {
  readonly host: Pick<ProviderHost, "clock" | "name" | "protect">;
}

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
  { signal, host }: CloudContext,
): Promise<T> {
  signal.throwIfAborted();
  const late = (): SecretError => new SecretError("UNAVAILABLE", "no answer in time", { reason: "timeout" });
  try {
    return await within(ask(), { clock: host.clock, signal, limitMs: deadlineMs, late });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isSecretError(error, "INVALID_CONFIG", "CLOSED")) throw error;
    throw new SecretError(codeOf(error), `the cloud of this machine returned no ${what}`, {
      reason: "cloud-identity",
      cause: error,
      retryAfterMs: isSecretError(error) ? error.retryAfterMs : undefined,
      tip,
    });
  }
}

/** Tells an outage and a limit apart from a refusal, as far as an SDK says it: most wrap what they met, some keep only its message. */
function codeOf(error: unknown): "UNAUTHENTICATED" | "UNAVAILABLE" | "THROTTLED" {
  if (isSecretError(error))
    return isSecretError(error, "UNAVAILABLE", "THROTTLED") ? (error.code as "UNAVAILABLE") : "UNAUTHENTICATED";
  let wrapped = error;
  for (let depth = 0; depth < mostCauses && typeof wrapped === "object" && wrapped !== null; depth += 1) {
    const status = statusOf(wrapped);
    if (status === 429) return "THROTTLED";
    if (status >= 500 || isNetworkError(wrapped)) return "UNAVAILABLE";
    wrapped = (wrapped as { readonly cause?: unknown }).cause;
  }
  return "UNAUTHENTICATED";
}

const mostCauses = 5;

/** NaN where none is known. */
function statusOf(error: object): number {
  const { status, statusCode, $metadata, message } = error as Readonly<Record<string, unknown>>;
  const told = status ?? statusCode ?? (Object($metadata) as { httpStatusCode?: unknown }).httpStatusCode;
  return Number(told ?? /\bstatus(?: code)?:? (\d{3})\b/.exec(String(message))?.[1]);
}

/** Errors of the network, and what MSAL calls them. */
const networkErrors =
  /\b(?:ECONN[A-Z]+|ENOTFOUND|EAI_[A-Z]+|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|TimeoutError|network_error|endpoints_resolution_error)\b/;

function isNetworkError(error: object): boolean {
  const { code, errorCode, name, message } = error as Readonly<Record<string, unknown>>;
  return [code, errorCode, name, message].some((text) => typeof text === "string" && networkErrors.test(text));
}
