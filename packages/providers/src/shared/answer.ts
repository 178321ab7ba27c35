import {
  type CallContext,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  SecretError,
  type SecretPayload,
} from "@tacit/core/provider";

/** A result with a payload. */
export type OkResult = Extract<ProviderResult, { readonly status: "ok" }>;

/** The result of a path at which the store definitely has no secret. */
export const notFound: ProviderResult = { status: "not-found", definitive: true };

/** Returns whether a value of a store's response is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the result, or `not-modified` if the caller already has its version. */
export function unlessHeld(result: OkResult, { ifVersion }: Pick<ReadRequest, "ifVersion">): ProviderResult {
  return result.version === ifVersion ? { status: "not-modified", version: result.version } : result;
}

/** Returns the result of a store without usable versions: the version is computed from the content. */
export function contentResult(
  payload: SecretPayload,
  request: Pick<ReadRequest, "ifVersion">,
  host: Pick<ProviderHost, "contentVersion">,
  facts: Omit<OkResult, "status" | "payload" | "version"> = {},
): ProviderResult {
  return unlessHeld({ status: "ok", payload, version: host.contentVersion(payload), ...facts }, request);
}

/**
 * Checks that a read asks for the current version, for a store that keeps no others.
 * @param what the message of the error: `environment variables have no versions`
 * @throws {SecretError} UNSUPPORTED `versions`
 */
export function assertCurrent({ version }: Pick<ReadRequest, "version">, what: string): void {
  if (version === "current") return;
  throw new SecretError("UNSUPPORTED", what, {
    reason: "versions",
    tip: "Read the current version; `accepted` keeps the one that this process replaced.",
  });
}

/**
 * Reads each request of a batch, all at once. The result of a request whose read fails is its error.
 * @param read returns the result of one request, from a response for the whole batch or by a call of its own
 * @throws any error that is not a SecretError
 */
export function eachOf(
  requests: readonly ReadRequest[],
  read: (request: ReadRequest) => ProviderResult | Promise<ProviderResult>,
): Promise<readonly (ProviderResult | SecretError)[]> {
  return Promise.all(
    requests.map(async (request) => {
      try {
        return await read(request);
      } catch (error) {
        if (isSecretError(error)) return error;
        throw error;
      }
    }),
  );
}

/** The methods of a provider that a client calls with a signal. */
type CallName = "get" | "getMany" | "subscribe" | "renew" | "revoke" | "check" | "diagnose";

/**
 * Wraps a provider so that each call throws CLOSED after `close`, and the signal's reason if that has already aborted.
 * A second `close` returns the promise of the first.
 */
export function guarded(provider: Provider, { name }: Pick<ProviderHost, "name">): Provider {
  let closing: Promise<void> | undefined;
  const guard = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (closing !== undefined) throw new SecretError("CLOSED", `provider "${name}" was closed`);
      (args.at(-1) as CallContext).signal.throwIfAborted();
      return call(...args);
    };
  };
  const { get, getMany, subscribe, renew, revoke, check, diagnose, close } = provider;
  const calls: Pick<Provider, CallName> = {
    get: guard(get),
    ...(getMany !== undefined && { getMany: guard(getMany) }),
    ...(subscribe !== undefined && { subscribe: guard(subscribe) }),
    ...(renew !== undefined && { renew: guard(renew) }),
    ...(revoke !== undefined && { revoke: guard(revoke) }),
    ...(check !== undefined && { check: guard(check) }),
    ...(diagnose !== undefined && { diagnose: guard(diagnose) }),
  };
  return {
    ...provider,
    ...calls,
    close() {
      closing ??= close?.() ?? Promise.resolve();
      return closing;
    },
  };
}
