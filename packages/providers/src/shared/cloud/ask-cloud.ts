import { type CallContext, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import { loginLimitMs, within } from "../within.ts";
import { runStarting } from "./started-programs.ts";

/** The context of a call to a cloud. */
export interface CloudContext extends CallContext {
  readonly host: Pick<ProviderHost, "clock" | "name" | "protect">;
}

/**
 * Obtains a credential from a cloud within 9 s: an SDK may wait for ever, and with it all reads that need this login. Errors of
 * SDKs are replaced, since they may quote responses and tokens.
 * @param what the credential, for the message: `AWS credentials`
 * @param tip the tip of the error
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`; INVALID_CONFIG and CLOSED of `ask`; the signal's reason
 */
export async function askCloud<T>(
  what: string,
  tip: string,
  ask: () => Promise<T>,
  { signal, host }: CloudContext,
): Promise<T> {
  signal.throwIfAborted();
  const late = (): SecretError => new SecretError("UNAVAILABLE", "no answer in time", { reason: "timeout" });
  const { result, programs } = runStarting(ask);
  try {
    return await within(result, { clock: host.clock, signal, limitMs: loginLimitMs, late });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isSecretError(error, "INVALID_CONFIG", "CLOSED")) throw error;
    throw new SecretError(codeOf(error), `the cloud of this machine returned no ${what}`, {
      reason: "cloud-identity",
      cause: error,
      retryAfterMs: isSecretError(error) ? error.retryAfterMs : undefined,
      tip,
    });
  } finally {
    programs.kill();
  }
}

/** Distinguishes outages and throttling from refusals. Most SDKs keep the original error as the cause, some only its message. */
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

/** Returns the HTTP status of an error; NaN if it has none. */
function statusOf(error: object): number {
  const { status, statusCode, $metadata, message } = error as Readonly<Record<string, unknown>>;
  const found = status ?? statusCode ?? (Object($metadata) as { httpStatusCode?: unknown }).httpStatusCode;
  return Number(found ?? /\bstatus(?: code)?:? (\d{3})\b/.exec(String(message))?.[1]);
}

/** Codes of network errors, including those of MSAL. */
const networkErrors =
  /\b(?:ECONN[A-Z]+|ENOTFOUND|EAI_[A-Z]+|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|TimeoutError|network_error|endpoints_resolution_error)\b/;

function isNetworkError(error: object): boolean {
  const { code, errorCode, name, message } = error as Readonly<Record<string, unknown>>;
  return [code, errorCode, name, message].some((text) => typeof text === "string" && networkErrors.test(text));
}
