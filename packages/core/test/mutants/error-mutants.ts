import type { Provider, ProviderResult } from "../../src/contract/contract.ts";
import { isSecretError, SecretError, type SecretErrorCode } from "../../src/error/secret-error.ts";
import type { MemoryStore } from "./memory-store.ts";
import { type Mutant, onError, onResult } from "./mutant.ts";

type Spoil = NonNullable<Mutant["provider"]>;

/** Adapters that tell trouble wrongly, or do not listen to an abort. */
export const errorMutants: readonly Mutant[] = [
  {
    name: "throws for a missing secret",
    caughtBy: ["errors.missing"],
    provider: onResult((result) => {
      if (result.status === "not-found") throw new SecretError("NOT_FOUND", "missing");
      return result;
    }),
  },
  {
    name: "is not sure of a missing secret",
    caughtBy: ["errors.missing"],
    provider: onResult((result) =>
      result.status === "not-found" ? { status: "not-found", definitive: false } : result,
    ),
  },
  {
    name: "takes a denial for a missing secret",
    caughtBy: ["errors.denied"],
    provider: onError((error) => {
      if (isSecretError(error, "PERMISSION_DENIED")) return { status: "not-found", definitive: true };
      throw error;
    }),
  },
  {
    name: "lets the library's error through when severed",
    caughtBy: ["errors.severed", "errors.severed-open"],
    provider: recoding("UNAVAILABLE", () => new TypeError("fetch failed")),
  },
  {
    name: "blames one path for a store that cannot be reached",
    caughtBy: ["errors.severed-scope"],
    provider: recoding("UNAVAILABLE", () => new SecretError("UNAVAILABLE", "down", { scope: "path" })),
  },
  {
    name: "blames the store for one broken path",
    caughtBy: ["errors.broken-path"],
    provider: recoding("UNAVAILABLE", () => new SecretError("UNAVAILABLE", "down")),
  },
  { name: "never logs in again", caughtBy: ["errors.login-expired"], provider: staleLogin },
  {
    name: "takes a refused login for a denial",
    caughtBy: ["errors.login-refused"],
    provider: recoding("UNAUTHENTICATED", () => new SecretError("PERMISSION_DENIED", "no")),
  },
  {
    name: "forgets when to come back",
    caughtBy: ["errors.throttled"],
    provider: recoding("THROTTLED", () => new SecretError("THROTTLED", "busy")),
  },
  {
    name: "takes seconds for milliseconds",
    caughtBy: ["errors.throttled"],
    provider: recoding("THROTTLED", () => new SecretError("THROTTLED", "busy", { retryAfterMs: 3 })),
  },
  {
    name: "calls a broken payload internal",
    caughtBy: ["errors.corrupt"],
    provider: recoding("INVALID_VALUE", () => new SecretError("INTERNAL", "oops")),
  },
  {
    name: "ignores the signal",
    caughtBy: ["abort.before", "abort.stalled", "abort.subscribe"],
    provider: ignoringSignal,
  },
  {
    name: "wraps the signal's reason",
    caughtBy: ["abort.before", "abort.during", "abort.stalled"],
    provider: (provider) => ({
      ...provider,
      get: async (request, context) => {
        const result = await provider.get(request, context).catch((error: unknown) => error);
        await Promise.resolve();
        if (context.signal.aborted) throw new SecretError("UNAVAILABLE", "aborted");
        if (result instanceof Error) throw result;
        return result as ProviderResult;
      },
    }),
  },
];

function recoding(code: SecretErrorCode, other: () => Error): Spoil {
  return onError((error) => {
    throw isSecretError(error, code) ? other() : error;
  });
}

/** The login of the first read serves for ever. */
function staleLogin(provider: Provider, store: MemoryStore): Provider {
  const { generation } = store;
  return {
    ...provider,
    async get(request, context) {
      if (store.generation !== generation) throw new SecretError("UNAUTHENTICATED", "the login has expired");
      return provider.get(request, context);
    },
  };
}

function ignoringSignal(provider: Provider): Provider {
  const context = { signal: new AbortController().signal };
  return {
    ...provider,
    get: (request) => provider.get(request, context),
    check: async () => provider.check?.(context),
    subscribe: (paths, hint) => provider.subscribe?.(paths, hint, context) ?? Promise.reject(new Error("no subscribe")),
  };
}
