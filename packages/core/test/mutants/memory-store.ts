import type { ConformanceHarness, Undo } from "../../src/conformance/harness.ts";
import type { SecretPayload } from "../../src/contract/contract.ts";

/** A store in memory, with every fault that a harness can make. */
export interface MemoryStore {
  /** path -> its versions, oldest first */
  readonly secrets: Map<string, { readonly version: string; readonly payload: SecretPayload }[]>;
  readonly denied: Set<string>;
  readonly corrupt: Set<string>;
  readonly broken: Set<string>;
  readonly listeners: Set<(path: string) => void>;
  readonly debugLines: string[];
  /** The leases that have not ended. */
  readonly leases: Set<string>;
  reads: number;
  serial: number;
  severed: boolean;
  /** Resolves when the store answers again. */
  stalled: Promise<void> | undefined;
  retryAfterMs: number | undefined;
  /** Logins of an older generation have expired. */
  generation: number;
  refusesLogins: boolean;
}

/** The store's credential. */
export const memoryCredential = "t0ken-fixture-0123456789";

/** How the paths begin whose reads lease. */
export const lentPrefix = "leased/";

/** Makes an empty, healthy store. */
export function createMemoryStore(): MemoryStore {
  return {
    secrets: new Map(),
    denied: new Set(),
    corrupt: new Set(),
    broken: new Set(),
    listeners: new Set(),
    debugLines: [],
    leases: new Set(),
    reads: 0,
    serial: 0,
    severed: false,
    stalled: undefined,
    retryAfterMs: undefined,
    generation: 0,
    refusesLogins: false,
  };
}

/** The part of a harness that acts on the store. */
export function memoryFaults(
  store: MemoryStore,
): Omit<
  Required<ConformanceHarness>,
  "adapter" | "open" | "options" | "lacks" | "ambiguousMissing" | "piecemeal" | "payloads"
> {
  const announce = (path: string): void => {
    for (const listener of [...store.listeners]) listener(path);
  };
  return {
    settleMs: 100,
    path: (label) => `app/${label}`,
    async put(path, payload) {
      const versions = store.secrets.get(path) ?? [];
      store.secrets.set(path, [...versions, { version: `v${++store.serial}`, payload: copied(payload) }]);
      announce(path);
    },
    async remove(path) {
      store.secrets.delete(path);
      announce(path);
    },
    deny: async (path) => marked(store.denied, path),
    corrupt: async (path) => marked(store.corrupt, path),
    breakPath: async (path) => marked(store.broken, path),
    sever: async () => switched(store, { severed: true }, { severed: false }),
    throttle: async (retryAfterMs) => switched(store, { retryAfterMs }, { retryAfterMs: undefined }),
    expireLogin: async ({ refuse = false } = {}) =>
      switched(store, { generation: store.generation + 1, refusesLogins: refuse }, { refusesLogins: false }),
    async stall() {
      const { promise, resolve } = Promise.withResolvers<void>();
      store.stalled = promise;
      return async () => {
        store.stalled = undefined;
        resolve();
      };
    },
    leasePath: async (label) => `${lentPrefix}${label}`,
    expireLease: async ({ id }) => void store.leases.delete(id),
    reads: () => store.reads,
    credentials: () => [memoryCredential],
    debugLines: () => store.debugLines,
    acceptsBytes: () => true,
    acceptsField: () => true,
    close: async () => undefined,
  };
}

/** A payload of its own bytes. */
export function copied(payload: SecretPayload): SecretPayload {
  if (payload.kind === "value") return { kind: "value", bytes: payload.bytes.slice() };
  return { kind: "fields", fields: new Map([...payload.fields].map(([key, bytes]) => [key, bytes.slice()])) };
}

function marked(paths: Set<string>, path: string): Undo {
  paths.add(path);
  return async () => void paths.delete(path);
}

function switched(store: MemoryStore, on: Partial<MemoryStore>, off: Partial<MemoryStore>): Undo {
  Object.assign(store, on);
  return async () => void Object.assign(store, off);
}
