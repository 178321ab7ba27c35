import type { ProviderHost } from "@tacit/core/provider";

/** Returns the host for one of several keys. It makes the names of protected values unique, since the redactor keeps only the last value of a name. */
export function keyHost(host: ProviderHost, index: number): ProviderHost {
  return { ...host, protect: (value, name) => host.protect(value, `${name} of key ${index + 1}`) };
}
