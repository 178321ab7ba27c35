import { valuePayload } from "../../src/conformance/fixture.ts";
import type { Adapter, Provider, ProviderResult, ReadRequest, Supports } from "../../src/contract/contract.ts";
import { SecretError } from "../../src/error/secret-error.ts";
import { copied, lentPrefix, type MemoryStore, memoryCredential } from "./memory-store.ts";

/** Options of the memory adapter. */
export interface MemoryOptions {
  readonly prefix?: string;
}

/** All that an adapter can do. */
export const memorySupports: Supports = {
  payload: "both",
  versions: true,
  subscribe: "local",
  conditional: true,
  leases: true,
  batch: 5,
  defaultPollMs: 1000,
};

/** An adapter without a defect: the mutants are made from it. */
export function memoryAdapter(store: MemoryStore): Adapter<MemoryOptions> {
  return {
    name: "memory",
    options: async () => ({ "~standard": { version: 1, vendor: "memory", validate } }),
    toPath: (name, { prefix = "app" }) => `${prefix}/${name}`,
    open: (_options, host) => {
      host.protect(memoryCredential, "memory token");
      return openMemory(store);
    },
  };
}

function validate(options: unknown) {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return { issues: [{ message: "not a record" }] };
  }
  const unknown = Object.keys(options).filter((key) => key !== "prefix");
  if (unknown.length > 0) return { issues: unknown.map((key) => ({ message: "unknown option", path: [key] })) };
  return { value: options };
}

function openMemory(store: MemoryStore): Provider {
  const closing = new AbortController();
  const closed = new SecretError("CLOSED", "this provider is closed");
  let login = store.generation;

  const reach = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    closing.signal.throwIfAborted();
    if (store.stalled) await untilAborted(store.stalled, [signal, closing.signal]);
    if (store.severed) throw new SecretError("UNAVAILABLE", "the store cannot be reached");
    const { retryAfterMs } = store;
    if (retryAfterMs !== undefined) throw new SecretError("THROTTLED", "the store is busy", { retryAfterMs });
    if (login === store.generation) return;
    if (store.refusesLogins) throw new SecretError("UNAUTHENTICATED", "the store refuses the login");
    login = store.generation;
  };
  return {
    supports: memorySupports,
    async get(request, { signal }) {
      assertPath(request.path);
      signal.throwIfAborted();
      closing.signal.throwIfAborted();
      store.reads++;
      await reach(signal);
      return request.path.startsWith(lentPrefix) ? lease(store) : answer(store, request);
    },
    async getMany(requests, { signal }) {
      signal.throwIfAborted();
      closing.signal.throwIfAborted();
      store.reads++;
      await reach(signal);
      const read = async (request: ReadRequest): Promise<ProviderResult> => {
        assertPath(request.path);
        return await answer(store, request);
      };
      return Promise.all(requests.map((request) => read(request).catch((error: SecretError) => error)));
    },
    isDynamic: (path) => path.startsWith(lentPrefix),
    async renew(lease, { signal }) {
      await reach(signal);
      if (store.leases.has(lease.id)) return lease;
      throw new SecretError("NOT_FOUND", "there is no such lease", { definitive: true });
    },
    async revoke(lease, { signal }) {
      await reach(signal);
      store.leases.delete(lease.id);
    },
    async subscribe(paths, hint, { signal }) {
      for (const path of paths) assertPath(path);
      await reach(signal);
      const listener = (path: string): void => void (paths.includes(path) && hint(path));
      const stop = (): void => void store.listeners.delete(listener);
      store.listeners.add(listener);
      closing.signal.addEventListener("abort", stop);
      return { [Symbol.asyncDispose]: async () => stop() };
    },
    check: ({ signal }) => reach(signal),
    diagnose: async () => [{ level: "info", code: "in-memory", message: "this store forgets" }],
    close: async () => closing.abort(closed),
  };
}

function lease(store: MemoryStore): ProviderResult {
  const id = `lease-${++store.serial}`;
  store.leases.add(id);
  const lease = { id, durationMs: 60_000, renewable: true };
  return { status: "ok", payload: valuePayload(), version: id, lease };
}

async function answer(store: MemoryStore, { path, version, ifVersion }: ReadRequest): ReturnType<Provider["get"]> {
  if (store.denied.has(path)) throw new SecretError("PERMISSION_DENIED", "the store refuses this path");
  if (store.corrupt.has(path)) throw new SecretError("INVALID_VALUE", "what lies there is no secret");
  if (store.broken.has(path)) throw new SecretError("UNAVAILABLE", "this path cannot be read", { scope: "path" });
  const versions = store.secrets.get(path) ?? [];
  const found =
    typeof version === "object"
      ? versions.find((each) => each.version === version.id)
      : versions.at(version === "current" ? -1 : -2);
  if (found === undefined) return { status: "not-found", definitive: true };
  if (found.version === ifVersion) return { status: "not-modified", version: ifVersion };
  return { status: "ok", payload: copied(found.payload), version: found.version, labels: { store: "memory" } };
}

function assertPath(path: string): void {
  if (/^\w[\w.-]*(\/\w[\w.-]*)*$/.test(path)) return;
  throw new SecretError("INVALID_NAME", "the path has a character or a segment that this store does not take");
}

async function untilAborted(wait: Promise<void>, signals: AbortSignal[]): Promise<void> {
  const signal = AbortSignal.any(signals);
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
  await Promise.race([wait, aborted.promise]);
}
