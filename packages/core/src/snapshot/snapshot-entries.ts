import type { ParsedConfig } from "../config/parsed-config.ts";
import { sameContent } from "../contract/content.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import { compilePattern, type NamePattern } from "../route/name-pattern.ts";
import type { Payload, StorePath } from "../source/source.ts";
import { isBannedPayload } from "../view/contents.ts";
import type { View } from "../view/view.ts";
import type { RestorableView } from "../view/view-policy.ts";
import { type EntryStore, fingerprintOf, type SnapshotEntry, type SnapshotKeys } from "./snapshot-format.ts";

/** Decides which values of a client's views its snapshot may contain, and which entries may be restored. */
export class SnapshotEntries {
  readonly #config: ParsedConfig;
  readonly #providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly #patterns: readonly (readonly NamePattern[])[];

  constructor(config: ParsedConfig, providers: ReadonlyMap<string, ConfiguredProvider>) {
    this.#config = config;
    this.#providers = providers;
    const lists = [config.allow, config.snapshot?.only].filter((list) => list !== undefined);
    this.#patterns = lists.map((list) => list.map(compilePattern));
  }

  /** Whether a snapshot may contain values of the view. */
  allows({ reference, source }: RestorableView): boolean {
    const isNamed = this.#patterns.every((list) => list.some((pattern) => pattern.matches(reference.name)));
    const isIssued = source.stores().some(({ provider, path }) => this.#providers.get(provider.name)?.isDynamic(path));
    return isNamed && !isIssued && reference.stage === "current";
  }

  /** Returns entries for the values that the views hold; views with the same content share one. */
  of(views: Iterable<View<unknown>>, keys: SnapshotKeys): readonly SnapshotEntry[] {
    const entries: SnapshotEntry[] = [];
    for (const view of views) {
      const entry = this.#entryOf(view, keys);
      if (entry === undefined) continue;
      const same = entries.findIndex((one) => isSameReading(one, entry));
      const other = entries[same];
      if (other === undefined) entries.push(entry);
      else
        entries[same] = {
          ...other,
          references: [...new Set([...other.references, ...entry.references])],
          confirmedAt: Math.max(other.confirmedAt, entry.confirmedAt),
        };
    }
    return entries;
  }

  /** Returns an entry of an earlier file as the next file contains it for one view. */
  carried(entry: SnapshotEntry, { reference }: RestorableView, keys: SnapshotKeys): SnapshotEntry {
    const stores = entry.stores.map((store) => ({ ...store, ...this.#fingerprint(entry.name, store.provider, keys) }));
    return { ...entry, references: [reference.text], stores };
  }

  /** Whether an entry came from the stores that the view reads now, through providers with unchanged configuration. */
  isOfSameStores({ name, stores, composite }: SnapshotEntry, { source }: RestorableView, keys: SnapshotKeys): boolean {
    const own = source.stores();
    if (composite === true && own.length !== stores.length) return false;
    return stores.every(({ provider, path, fingerprint }) => {
      const isRead = own.some((store) => store.provider.name === provider && store.path === path);
      return isRead && this.#fingerprint(name, provider, keys).fingerprint === fingerprint;
    });
  }

  #entryOf(view: View<unknown>, keys: SnapshotKeys): SnapshotEntry | undefined {
    const { payload, current, reference, isNotFound, deniedBy, isDropped } = view;
    if (payload === undefined || current === undefined || payload.lease !== undefined || !this.allows(view)) return;
    // A value that was deleted or denied since must not be restored by a later process.
    if (isNotFound || deniedBy !== undefined || isDropped || isBannedPayload(view, payload)) return;
    const { name, stage, text } = reference;
    const stores = view.source.stores().filter((store) => isFrom(payload, store));
    return {
      name,
      stage: stage as "current",
      references: [text],
      provider: payload.provider,
      fallback: payload.fallback,
      ...(payload.composite === undefined ? {} : { composite: payload.composite }),
      version: payload.version,
      fetchedAt: payload.fetchedAt,
      confirmedAt: Math.round(view.context.scheduler.clock.now() - view.ageMs),
      ...timesOf(payload),
      ...(payload.labels === undefined ? {} : { labels: payload.labels }),
      stores: stores.map(({ provider, path }): EntryStore => {
        return { provider: provider.name, path, ...this.#fingerprint(name, provider.name, keys) };
      }),
      content: payload.content,
    };
  }

  #fingerprint(name: string, provider: string, keys: SnapshotKeys): Pick<EntryStore, "fingerprint"> {
    const configured = this.#providers.get(provider);
    const what = {
      use: configured?.config.use,
      options: configured?.options,
      binding: this.#config.bindings.get(name),
    };
    return { fingerprint: fingerprintOf(JSON.stringify(sorted(what)), keys) };
  }
}

function isSameReading(left: SnapshotEntry, right: SnapshotEntry): boolean {
  return left.name === right.name && left.version === right.version && sameContent(left.content, right.content);
}

/** Whether a payload came from a store. The provider of a composite names all its providers. */
function isFrom({ provider, composite }: Payload, store: StorePath): boolean {
  return composite === true || store.provider.name === provider;
}

function timesOf({ createdAt, expiresAt, refreshAt }: Payload): Partial<SnapshotEntry> {
  const times = Object.entries({ createdAt, expiresAt, refreshAt });
  return Object.fromEntries(times.flatMap(([name, time]) => (time === undefined ? [] : [[name, time.getTime()]])));
}

/** Returns the data with its members sorted, because their order in the document has no meaning. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = value instanceof Map ? [...value] : Object.entries(value);
  return members.map(([key, member]) => [key, sorted(member)]).sort(([left], [right]) => (left < right ? -1 : 1));
}
