import type { Adapter, Provider, ProviderResult, StandardSchemaV1, Supports } from "@tacit/core/provider";

/** Answers one read of a store in memory. */
export type MemoryGet = (path: string, signal: AbortSignal) => ProviderResult | Promise<ProviderResult>;

/** A store whose answers the bench decides: the adapter that a user would write over a Map. */
export function memoryAdapter(get: MemoryGet, supports: Partial<Supports> = {}): Adapter<unknown> {
  const provider: Provider = {
    supports: {
      payload: "both",
      versions: false,
      subscribe: false,
      conditional: false,
      defaultPollMs: 300_000,
      ...supports,
    },
    get: async ({ path }, { signal }) => get(path, signal),
  };
  return { name: "memory", options: async () => anyOptions, toPath: (name) => name, open: () => provider };
}

/** An answer with one value. */
export function valueResult(text: string, version: string): ProviderResult {
  return { status: "ok", payload: { kind: "value", bytes: new TextEncoder().encode(text) }, version };
}

/** A config document that sends every name to the memory adapter. */
export const memoryConfig = {
  providers: { memory: { use: "memory" } },
  routes: [{ match: "**", to: ["memory"] }],
  cache: { ttl: "5m", maxEntries: 1_000_000 },
} as const;

const anyOptions: StandardSchemaV1<unknown, unknown> = {
  "~standard": { version: 1, vendor: "bench", validate: (value) => ({ value }) },
};
