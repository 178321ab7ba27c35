import { type CallContext, type Finding, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import { loadOnce } from "../load-once.ts";
import { noKeyError } from "./errors.ts";
import { keyHost } from "./key-host.ts";
import type { KeyContext, KeyService, WrappedKey } from "./key-service.ts";
import type { KeyOptions } from "./options.ts";

/** The keys of one provider. */
export interface Keys {
  /**
   * Returns the data key that is wrapped once or more often; the first service that opens one of them wins. It is kept in memory, by
   * ciphertext, and is registered with the redactor. The bytes belong to the caller.
   * @throws {SecretError} INVALID_VALUE `no-key` where none opens any; otherwise the most hopeful failure: UNAVAILABLE before
   * PERMISSION_DENIED, and both before INVALID_VALUE
   */
  unwrap(wrapped: readonly WrappedKey[], context: CallContext): Promise<Uint8Array>;
  /** Wraps a data key with the first service. @throws {SecretError} UNSUPPORTED where that only opens, and what it throws */
  wrap(dataKey: Uint8Array, keyContext: KeyContext, context: CallContext): Promise<WrappedKey>;
  /** Tells what each service opens, and what is wrong with it. */
  diagnose(context: CallContext): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** Opens the keys of a provider. Nothing is loaded, read or asked before the first use. */
export function openKeys(options: readonly KeyOptions[], host: ProviderHost): Keys {
  const services = options.map((each, index) => loadOnce(() => createService(each, keyHost(host, index))));
  const unwrapped = new UnwrappedKeys();
  /** How many data keys were unwrapped. */
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
        worstFailure(failures) ??
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

/** Each service is loaded with the first key that it may open. */
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

/** As many as a client pins by default; beyond them a service is asked again. */
const mostUnwrapped = 1000;

/** Data keys by what they were wrapped as; the one that was used longest ago goes first. */
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
    // A copy: `slice` of a Buffer is a view.
    this.#keys.set(idOf(wrapped), new Uint8Array(key));
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= mostUnwrapped) break;
      this.#forget(oldest);
    }
  }

  /** Wipes and forgets all of them. */
  clear(): void {
    for (const id of this.#keys.keys()) this.#forget(id);
  }

  #forget(id: string): void {
    this.#keys.get(id)?.fill(0);
    this.#keys.delete(id);
  }
}

/** What was wrapped is no secret, so it is its own key. */
function idOf(wrapped: WrappedKey): string {
  return JSON.stringify(wrapped);
}

/** From the most to the least hopeful: what may pass by itself is told before what an operator has to mend. */
const order: readonly SecretError["code"][] = ["UNAVAILABLE", "THROTTLED", "UNAUTHENTICATED", "PERMISSION_DENIED"];

function worstFailure(failures: readonly unknown[]): unknown {
  for (const code of order) {
    const found = failures.find((error) => isSecretError(error, code));
    if (found !== undefined) return found;
  }
  return failures[0];
}
