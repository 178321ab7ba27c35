import type { SecretsOptions } from "@tacit/core";
import type { Adapter } from "@tacit/core/provider";
import { createRedactor } from "@tacit/core/redact";

/** A store that a test writes to; it tells how often a client opened it, and how often it was closed. */
export interface MemoryStore {
  readonly values: Map<string, string>;
  readonly opened: number;
  readonly closed: number;
  /** For `TacitModule`: every name is read here. */
  readonly options: Pick<SecretsOptions, "adapters" | "config" | "redactor">;
}

/** Starts with these values. */
export function memoryStore(values: Readonly<Record<string, string>>): MemoryStore {
  const stored = new Map(Object.entries(values));
  const counts = { opened: 0, closed: 0 };
  const adapter: Adapter<object> = {
    name: "memory",
    options: async () => ({
      "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as object }) },
    }),
    open(_options, host) {
      counts.opened += 1;
      return {
        supports: { payload: "both", versions: false, subscribe: false, conditional: false, defaultPollMs: 10_000 },
        async get({ path }) {
          const value = stored.get(path);
          if (value === undefined) return { status: "not-found", definitive: true };
          const payload = { kind: "value", bytes: new TextEncoder().encode(value) } as const;
          return { status: "ok", payload, version: host.contentVersion(payload) };
        },
        async close() {
          counts.closed += 1;
        },
      };
    },
  };
  return {
    values: stored,
    get opened() {
      return counts.opened;
    },
    get closed() {
      return counts.closed;
    },
    options: {
      adapters: { memory: adapter },
      config: { providers: { memory: { use: "memory" } }, routes: [{ match: "**", to: ["memory"] }] },
      redactor: createRedactor(),
    },
  };
}
