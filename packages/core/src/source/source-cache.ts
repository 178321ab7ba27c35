import type { VersionSelector } from "../contract/contract.ts";
import type { Deliveries } from "../events/deliveries.ts";
import type { Emit } from "../events/events.ts";
import { LeaseCalls } from "../lease/lease-calls.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { StorePath } from "./source.ts";
import type { StoreContext } from "./store-context.ts";
import { StoreSource } from "./store-source.ts";

/** All sources of one client: one per (provider, path, version), so that all readers of the same secret share one call. */
export class SourceCache {
  readonly #byProvider: Map<ConfiguredProvider, ProviderSources> = new Map();
  readonly #context: StoreContext;

  constructor(
    scheduler: Scheduler,
    emit: Emit,
    deliveries: Deliveries,
    ttlMs: number,
    track: (work: Promise<void>) => void,
  ) {
    this.#context = {
      scheduler,
      emit,
      deliveries,
      track,
      // Jittered once per process, so that the processes of a fleet do not all read at the same times.
      ttlMs: ttlMs * (0.9 + scheduler.random() / 5),
      sibling: (provider, path, version) => this.get(provider, path, version),
    };
  }

  /** Returns the source, creating it at the first call. */
  get(provider: ConfiguredProvider, path: string, version: VersionSelector): StoreSource {
    let ofProvider = this.#byProvider.get(provider);
    if (ofProvider === undefined) {
      ofProvider = { leases: new LeaseCalls(provider), sources: new Map() };
      this.#byProvider.set(provider, ofProvider);
    }
    const { leases, sources } = ofProvider;
    const key = keyOf(path, version);
    let source = sources.get(key);
    if (source === undefined) {
      source = new StoreSource(leases, path, version, this.#context);
      sources.set(key, source);
    }
    return source;
  }

  /** Removes every source that is neither refreshed nor in use, and that has nothing to revoke. */
  retain(inUse: ReadonlySet<StorePath>): void {
    for (const { sources } of this.#byProvider.values()) {
      for (const [key, source] of sources) {
        if (!source.isRefreshing && !source.isLeased && !inUse.has(source)) sources.delete(key);
      }
    }
  }

  /** Revokes everything that a store leased. Never rejects. */
  async giveBack(): Promise<void> {
    const leased = [...this.#byProvider.values()].flatMap(({ sources }) =>
      [...sources.values()].filter(({ isLeased }) => isLeased),
    );
    await Promise.all(leased.map((source) => source.giveBack()));
  }
}

/** The sources of one provider. */
interface ProviderSources {
  readonly leases: LeaseCalls;
  /** Path and version -> source. */
  readonly sources: Map<string, StoreSource>;
}

/** Returns the key of a source: for current versions the path itself, which saves a string. No path contains NUL. */
function keyOf(path: string, version: VersionSelector): string {
  if (version === "current") return path;
  return version === "previous" ? `${path}\0previous` : `${path}\0id\0${version.id}`;
}
