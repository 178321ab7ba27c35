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

/** Says that the store is sure to hold nothing there. */
export const notFound: ProviderResult = { status: "not-found", definitive: true };

/** Whether what a store answered is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns a result, or `not-modified` where its version is the one that is held already. */
export function unlessHeld(result: OkResult, { ifVersion }: Pick<ReadRequest, "ifVersion">): ProviderResult {
  return result.version === ifVersion ? { status: "not-modified", version: result.version } : result;
}

/** Returns the result of a store that has no versions of its own, or none that follow the content: the content tells. */
export function contentResult(
  payload: SecretPayload,
  request: Pick<ReadRequest, "ifVersion">,
  host: Pick<ProviderHost, "contentVersion">,
  facts: Omit<OkResult, "status" | "payload" | "version"> = {},
): ProviderResult {
  return unlessHeld({ status: "ok", payload, version: host.contentVersion(payload), ...facts }, request);
}

/**
 * Checks that a read asks for the current version, where a store keeps no other.
 * @param what names the store and what it lacks: `environment variables have no versions`
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
 * Answers each request of a batch, and a failure of one of them in its place.
 * @param read takes the result of one request from what the store has answered, or reads it alone
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

/** The methods of a provider that are calls of a client. */
type CallName = "get" | "getMany" | "subscribe" | "renew" | "revoke" | "check" | "diagnose";

/**
 * Guards the calls of a provider: each is CLOSED after `close`, and ends with the signal's reason where that has aborted
 * before. A second `close` waits for the first.
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
