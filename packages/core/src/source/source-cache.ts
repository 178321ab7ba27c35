import type { VersionSelector } from "../contract/contract.ts";
import type { Emit } from "../events/events.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { EntryContext } from "./store-context.ts";
import { Entry } from "./store-source.ts";

/** Every entry of one client: one per (provider, path, version), so that all who read the same thing share one call. */
export class Entries {
  /** provider -> path and version -> entry */
  readonly #byProvider: Map<ConfiguredProvider, Map<string, Entry>> = new Map();
  readonly #context: EntryContext;

  constructor(scheduler: Scheduler, emit: Emit, ttlMs: number, track: (work: Promise<void>) => void) {
    this.#context = {
      scheduler,
      emit,
      track,
      // One factor per process: a fleet that started together does not read together.
      ttlMs: ttlMs * (0.9 + scheduler.random() / 5),
      sibling: (entry, version) => this.get(entry.provider, entry.path, version),
    };
  }

  get(provider: ConfiguredProvider, path: string, version: VersionSelector): Entry {
    let entries = this.#byProvider.get(provider);
    if (entries === undefined) {
      entries = new Map();
      this.#byProvider.set(provider, entries);
    }
    const key = keyOf(path, version);
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = new Entry(provider, path, version, this.#context);
      entries.set(key, entry);
    }
    return entry;
  }

  /** Forgets every entry that is neither kept nor among those in use, and holds nothing that must be given back. */
  retain(inUse: ReadonlySet<Entry>): void {
    for (const entries of this.#byProvider.values()) {
      for (const [key, entry] of entries) {
        if (!entry.isKept && !entry.isLent && !inUse.has(entry)) entries.delete(key);
      }
    }
  }

  /** Gives back everything that a store lent. Never rejects. */
  async giveBack(): Promise<void> {
    const lent = [...this.#byProvider.values()].flatMap((entries) =>
      [...entries.values()].filter(({ isLent }) => isLent),
    );
    await Promise.all(lent.map((entry) => entry.giveBack()));
  }
}

/** The usual case needs no string of its own; NUL stands in no path. */
function keyOf(path: string, version: VersionSelector): string {
  if (version === "current") return path;
  return version === "previous" ? `${path}\0previous` : `${path}\0id\0${version.id}`;
}
