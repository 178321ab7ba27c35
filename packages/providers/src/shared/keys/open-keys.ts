import { type CallContext, type Finding, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import { loadOnce } from "../load-once.ts";
import { noKeyError } from "./errors.ts";
import { keyHost } from "./key-host.ts";
import type { KeyContext, KeyService, WrappedKey } from "./key-service.ts";
import type { KeyOptions } from "./options.ts";

/** The keys of one provider. */
export interface Keys {
  /**
   * Unwraps a data key that is wrapped for one or more keys, with the first service that can unwrap one of them. The data key is cached
   * by its wrapped form, and registered with the redactor. The caller owns the bytes.
   * @throws {SecretError} INVALID_VALUE `no-key` if no service applies; otherwise the failure that is most likely to pass: UNAVAILABLE,
   * THROTTLED, UNAUTHENTICATED, PERMISSION_DENIED, then any other; the signal's reason
   */
  unwrap(wrapped: readonly WrappedKey[], context: CallContext): Promise<Uint8Array>;
  /** Wraps a data key with the first service. @throws {SecretError} UNSUPPORTED `wrap` if that can only unwrap; errors of the service */
  wrap(dataKey: Uint8Array, keyContext: KeyContext, context: CallContext): Promise<WrappedKey>;
  /** Returns the findings of all services. */
  diagnose(context: CallContext): Promise<readonly Finding[]>;
  /** Wipes the cached data keys and closes the services. */
  close(): Promise<void>;
}

/** Creates the key services of a provider. Loads and reads nothing before the first use. */
export function openKeys(options: readonly KeyOptions[], host: ProviderHost): Keys {
  const services = options.map((each, index) => loadOnce(() => createService(each, keyHost(host, index))));
  const unwrapped = new UnwrappedKeys();
  /** The number of data keys unwrapped so far. */
  let dataKeys = 0;
  const configured = options.map(({ use }) => use);
  return {
    async unwrap(wrapped, context) {
      const known = wrapped.map((each) => unwrapped.get(each)).find((key) => key !== undefined);
      if (known !== undefined) return known;
      const failures: unknown[] = [];
      for (const [index, use] of configured.entries()) {
        for (const each of wrapped) {
          if (each.use !== use) continue;
          context.signal.throwIfAborted();
          try {
            const service = (await services[index]?.()) as KeyService;
            const dataKey = await service.unwrap(each as never, context);
            if (dataKey === undefined) continue;
            unwrapped.set(each, dataKey);
            dataKeys += 1;
            host.protect(dataKey, `${host.name}/data key ${dataKeys % mostUnwrapped}`);
            return new Uint8Array(dataKey);
          } catch (error) {
            context.signal.throwIfAborted();
            failures.push(error);
          }
        }
      }
      throw (
        likeliestToPass(failures) ??
        noKeyError(
          wrapped.map(({ use }) => use),
          configured,
        )
      );
    },
    async wrap(dataKey, keyContext, context) {
      const service = await services[0]?.();
      if (service?.wrap === undefined)
        throw new SecretError("UNSUPPORTED", `a key of the kind "${configured[0]}" can only decrypt`, {
          reason: "wrap",
          tip: "Put a key that can also encrypt first: age, local, or a key service of a cloud or Vault.",
        });
      return service.wrap(dataKey, keyContext, context);
    },
    async diagnose(context) {
      const found: Finding[] = [];
      for (const service of services) found.push(...((await (await service()).diagnose?.(context)) ?? []));
      return found;
    },
    async close() {
      unwrapped.clear();
      const loaded = await Promise.allSettled(services.map((service) => service.loaded));
      await Promise.all(loaded.map((each) => (each.status === "fulfilled" ? each.value?.close?.() : undefined)));
    },
  };
}

/** Loads and creates a service. */
async function createService(options: KeyOptions, host: ProviderHost): Promise<KeyService> {
  switch (options.use) {
    case "age":
      return (await import("./age/age-key.ts")).createAgeKey(options, host) as KeyService;
    case "pgp":
      return (await import("./pgp/pgp-key.ts")).createPgpKey(options, host) as KeyService;
    case "aws-kms":
      return (await import("./aws-kms.ts")).createAwsKms(options, host) as KeyService;
    case "gcp-kms":
      return (await import("./gcp-kms.ts")).createGcpKms(options, host) as KeyService;
    case "azure-key":
      return (await import("./azure-key.ts")).createAzureKey(options, host) as KeyService;
    case "vault-transit":
      return (await import("./vault-transit.ts")).createVaultTransit(options, host) as KeyService;
    case "sealed-secrets":
      return (await import("./sealed-secrets.ts")).createSealingKeys(options, host) as KeyService;
    case "local":
      return (await import("./local.ts")).createLocalKey(options, host) as KeyService;
  }
}

/** Above this limit, the oldest data key is dropped, and unwrapped again at its next use. */
const mostUnwrapped = 1000;

/** A cache of data keys by their wrapped form; drops the least recently used. */
class UnwrappedKeys {
  readonly #keys = new Map<string, Uint8Array>();

  get(wrapped: WrappedKey): Uint8Array | undefined {
    const id = idOf(wrapped);
    const key = this.#keys.get(id);
    if (key === undefined) return undefined;
    this.#keys.delete(id);
    this.#keys.set(id, key);
    return new Uint8Array(key);
  }

  set(wrapped: WrappedKey, key: Uint8Array): void {
    // A copy, since the cache wipes its keys.
    this.#keys.set(idOf(wrapped), new Uint8Array(key));
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= mostUnwrapped) break;
      this.#forget(oldest);
    }
  }

  /** Wipes and removes all keys. */
  clear(): void {
    for (const id of this.#keys.keys()) this.#forget(id);
  }

  #forget(id: string): void {
    this.#keys.get(id)?.fill(0);
    this.#keys.delete(id);
  }
}

/** Returns the cache key of a wrapped key, which is not secret. */
function idOf(wrapped: WrappedKey): string {
  return JSON.stringify(wrapped);
}

/** Error codes by how likely a failure is to pass without a change of the configuration. */
const order: readonly SecretError["code"][] = ["UNAVAILABLE", "THROTTLED", "UNAUTHENTICATED", "PERMISSION_DENIED"];

function likeliestToPass(failures: readonly unknown[]): unknown {
  for (const code of order) {
    const found = failures.find((error) => isSecretError(error, code));
    if (found !== undefined) return found;
  }
  return failures[0];
}
