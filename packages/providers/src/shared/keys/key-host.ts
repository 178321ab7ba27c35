import type { ProviderHost } from "@tacit/core/provider";

/** Returns the host of one of several keys. The redactor keeps the last value of a name, so each key has names of its own. */
export function keyHost(host: ProviderHost, index: number): ProviderHost {
  return { ...host, protect: (value, name) => host.protect(value, `${name} of key ${index + 1}`) };
}
