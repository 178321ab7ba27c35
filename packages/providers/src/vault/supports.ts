import type { Supports } from "@tacit/core/provider";
import type { VaultOptions } from "./options.ts";

/** What a provider with these options can do. */
export function vaultSupports({ engine, mounts, wrapped }: VaultOptions): Supports {
  const engines = [engine ?? "kv-v2", ...Object.values(mounts).map((each) => each.engine)];
  const isKvAlone = engines.every((each) => each.startsWith("kv-")) && wrapped.length === 0;
  return {
    // What transit decrypts is one value; every other engine answers an object.
    payload: engines.includes("transit") ? "both" : "fields",
    versions: engines.includes("kv-v2"),
    subscribe: false,
    conditional: true,
    ...(!isKvAlone && { leases: true }),
    defaultPollMs: 300_000,
  };
}
