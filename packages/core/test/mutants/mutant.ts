import { openAdapter } from "../../src/conformance/conformance-host.ts";
import type { ConformanceHarness } from "../../src/conformance/harness.ts";
import type {
  Adapter,
  Provider,
  ProviderHost,
  ProviderResult,
  SecretPayload,
  Supports,
} from "../../src/contract/contract.ts";
import { memoryAdapter, memorySupports } from "./memory-adapter.ts";
import { createMemoryStore, type MemoryStore, memoryFaults } from "./memory-store.ts";

/** One defect, and the cases that must find it. */
export interface Mutant {
  readonly name: string;
  readonly caughtBy: readonly string[];
  /** Spoils a healthy provider. */
  readonly provider?: (provider: Provider, store: MemoryStore, host: ProviderHost) => Provider | Promise<Provider>;
  /** Spoils a healthy adapter. */
  readonly adapter?: (adapter: Adapter) => Adapter;
  /** What the mutant declares. */
  readonly supports?: Partial<Supports>;
}

/** A result with a payload. */
export type OkResult = Extract<ProviderResult, { status: "ok" }>;

/** A harness over a memory store, healthy or spoiled. */
export function memoryHarness(mutant?: Mutant): ConformanceHarness {
  const store = createMemoryStore();
  const healthy = memoryAdapter(store) as Adapter;
  const spoiled: Adapter = {
    ...healthy,
    async open(options, host) {
      const opened = await healthy.open(options, host);
      const provider = (await mutant?.provider?.(opened, store, host)) ?? opened;
      return { ...provider, supports: { ...provider.supports, ...mutant?.supports } };
    },
  };
  const adapter = mutant?.adapter?.(spoiled) ?? spoiled;
  const options = (): Record<string, unknown> => ({ prefix: "app" });
  return {
    ...memoryFaults(store),
    adapter,
    payloads: ["value", "fields"],
    options,
    open: (o) => openAdapter(adapter, { ...options(), ...o?.options }, o?.host),
  };
}

/** What the harness of a mutant is declared to support. */
export function supportsOf(mutant?: Mutant): Supports {
  return { ...memorySupports, ...mutant?.supports };
}

/** A provider whose results pass through a function. */
export function onResult(change: (result: ProviderResult) => ProviderResult): NonNullable<Mutant["provider"]> {
  return (provider) => ({ ...provider, get: async (request, context) => change(await provider.get(request, context)) });
}

/** A provider whose rejected reads pass through a function. */
export function onError(change: (error: unknown) => ProviderResult): NonNullable<Mutant["provider"]> {
  return (provider) => ({ ...provider, get: (request, context) => provider.get(request, context).catch(change) });
}

/** A provider whose good answers pass through a function. */
export function answering(change: (result: OkResult, path: string) => ProviderResult): NonNullable<Mutant["provider"]> {
  return (provider) => ({
    ...provider,
    async get(request, context) {
      const result = await provider.get(request, context);
      return result.status === "ok" ? change(result, request.path) : result;
    },
  });
}

/** A provider whose answered bytes pass through a function. */
export function rewriting(change: (bytes: Uint8Array) => Uint8Array): NonNullable<Mutant["provider"]> {
  return answering((result) => ({ ...result, payload: mapBytes(result.payload, change) }));
}

/** A provider whose answered text passes through a function. */
export function retyping(change: (text: string) => string): NonNullable<Mutant["provider"]> {
  return rewriting((bytes) => new TextEncoder().encode(change(Buffer.from(bytes).toString("latin1"))));
}

/** A provider whose field keys pass through a function; `undefined` drops the field. */
export function rekeying(change: (key: string) => string | undefined): NonNullable<Mutant["provider"]> {
  return answering((result) => {
    if (result.payload.kind === "value") return result;
    const fields = new Map<string, Uint8Array>();
    for (const [key, bytes] of result.payload.fields) {
      const changed = change(key);
      if (changed !== undefined) fields.set(changed, bytes);
    }
    return { ...result, payload: { kind: "fields", fields } };
  });
}

/** A provider that looks for another path than the one it was asked for. */
export function readingAt(change: (path: string) => string): NonNullable<Mutant["provider"]> {
  return (provider) => ({
    ...provider,
    get: (request, context) => provider.get({ ...request, path: change(request.path) }, context),
  });
}

/** A payload with other bytes. */
export function mapBytes(payload: SecretPayload, change: (bytes: Uint8Array) => Uint8Array): SecretPayload {
  if (payload.kind === "value") return { kind: "value", bytes: change(payload.bytes) };
  return { kind: "fields", fields: new Map([...payload.fields].map(([key, bytes]) => [key, change(bytes)])) };
}

/** The text of a payload, as a careless log line would hold it. */
export function textOf(payload: SecretPayload): string {
  const all = payload.kind === "value" ? [payload.bytes] : [...payload.fields.values()];
  return all.map((bytes) => Buffer.from(bytes).toString()).join(" ");
}
