import { type ScriptedClient, type ScriptedClientOptions, scriptedClient } from "./scripted-client.ts";
import type { ScriptedStore } from "./scripted-store.ts";

/** A client whose names all have the chain `a`, then `b`. */
export interface Pair extends ScriptedClient {
  readonly a: ScriptedStore;
  readonly b: ScriptedStore;
}

/** Makes one; `extra` is what a scripted client takes besides its stores and routes. */
export function pair(fallbackOn: readonly string[], extra: Partial<ScriptedClientOptions> = {}): Pair {
  const { config, ...rest } = extra;
  const client = scriptedClient({
    stores: ["a", "b"],
    config: { routes: [{ match: "**", to: ["a", "b"], fallbackOn }], ...config },
    ...rest,
  });
  return { ...client, a: client.stores.a as ScriptedStore, b: client.stores.b as ScriptedStore };
}
