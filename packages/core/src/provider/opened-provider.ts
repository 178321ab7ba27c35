import type { Provider, Subscription, Supports } from "../contract/contract.ts";
import { docsPage } from "../error/docs-page.ts";
import { SecretError } from "../error/secret-error.ts";
import { onRejection } from "../events/on-rejection.ts";

type Method = (...parameters: never[]) => unknown;

const optionalMethods = [
  "getMany",
  "subscribe",
  "place",
  "isDynamic",
  "renew",
  "revoke",
  "check",
  "diagnose",
  "close",
] as const;
const usualPollMs = 300_000;

/**
 * Copies the members of an opened provider, and checks them: an adapter may be plain JavaScript, whose getters may throw later and
 * whose invalid values would affect timers.
 * @throws {SecretError} INVALID_CONFIG/invalid-adapter
 * @throws the error of a getter
 */
export function toOpenedProvider(provider: Provider, use: string): Provider {
  const { get, supports } = (provider ?? {}) as Partial<Provider>;
  if (typeof get !== "function" || typeof supports !== "object" || supports === null)
    throw invalidAdapter(use, "opened something that is not a provider: `get` and `supports` are required");
  const methods: Record<string, Method> = { get: methodOf(provider, get) };
  for (const name of optionalMethods) {
    const method = provider[name];
    if (typeof method === "function") methods[name] = methodOf(provider, method);
  }
  const opened = methods as unknown as Omit<Provider, "supports">;
  return { ...opened, supports: plainSupports(supports, opened.getMany !== undefined) };
}

/** Checks the subscription of an adapter. @throws {SecretError} INVALID_CONFIG/invalid-adapter */
export function checkedSubscription(subscription: Subscription, use: string): Subscription {
  if (typeof subscription?.[Symbol.asyncDispose] === "function") return subscription;
  throw invalidAdapter(use, "returned a subscription that cannot be disposed of");
}

/** Checks the path of an adapter. @throws {SecretError} INVALID_CONFIG/invalid-adapter */
export function checkedPath(path: unknown, use: string): string {
  if (typeof path === "string") return path;
  onRejection(path, () => undefined);
  throw invalidAdapter(use, "returned something other than text from `toPath`");
}

function methodOf(provider: Provider, method: Method): Method {
  return (...parameters) => Reflect.apply(method, provider, parameters);
}

function plainSupports(supports: Supports, readsMany: boolean): Supports {
  const { defaultPollMs, subscribe, batch } = supports;
  const isBatch = readsMany && Number.isSafeInteger(batch) && Number(batch) > 1;
  const isInterval = typeof defaultPollMs === "number" && Number.isFinite(defaultPollMs) && defaultPollMs > 0;
  return {
    ...supports,
    subscribe: subscribe === "local" || subscribe === "remote" ? subscribe : false,
    batch: isBatch ? batch : undefined,
    defaultPollMs: isInterval ? defaultPollMs : usualPollMs,
  };
}

function invalidAdapter(use: string, fault: string): SecretError {
  return new SecretError("INVALID_CONFIG", `adapter "${use}" ${fault}`, {
    reason: "invalid-adapter",
    tip: `See ${docsPage("writing-a-provider")}`,
  });
}

/** The number of local secrets read in one turn. A separate timer for each would take several times as long as the read, and more in one turn would block the process. */
const localWave = 64;

/** Returns how many secrets of a provider may be read in the same turn. */
export function waveSize(supports: Supports | undefined): number {
  if (supports?.batch !== undefined) return Number.POSITIVE_INFINITY;
  return supports?.subscribe === "local" ? localWave : 1;
}
