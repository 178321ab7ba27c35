import type { Codec } from "../decode/codec.ts";
import type { Reference } from "../name/reference.ts";
import type { StorePath } from "../source/source.ts";
import type { View } from "../view/view.ts";
import type { ViewPolicy } from "../view/view-policy.ts";
import { closed } from "../view/view-problem.ts";
import type { ViewFactory } from "./view-factory.ts";

const policy: ViewPolicy<never> = { declared: false, optional: false, onDelete: "clear", mask: "auto" };
/** The share of the limit that is kept by a sweep, so that the next new name does not cause another one. */
const keepShare = 0.9;

/** The views of undeclared references: a cache, limited by `maxEntries` of the config document. */
export class UndeclaredViews {
  readonly #client: ViewFactory;
  /** codec -> canonical reference -> view */
  readonly #views: Map<Codec<never>, Map<string, View<unknown>>> = new Map();
  #size = 0;

  constructor(client: ViewFactory) {
    this.#client = client;
  }

  *all(): Iterable<View<unknown>> {
    for (const views of this.#views.values()) yield* views.values();
  }

  find<T>(reference: string, codec: Codec<T>): View<T> | undefined {
    return this.#views.get(codec as Codec<never>)?.get(reference) as View<T> | undefined;
  }

  /**
   * Runs work with the view of a reference, which is created if necessary and not evicted meanwhile.
   * @throws {SecretError} as `Client.makeView` does; errors of the work
   */
  async with<T, V>(reference: Reference, codec: Codec<T>, work: (view: View<T>) => V | Promise<V>): Promise<V> {
    const { config } = await this.#client.start();
    const known = this.find(reference.text, codec);
    const view = known ?? this.#make(reference, codec, config.cache.maxEntries);
    view.pins += 1;
    try {
      if (known === undefined) await refreshIfLocal(view as View<unknown>);
      return await work(view);
    } finally {
      view.unpin();
      // The cache exceeds its limit if all its views were in use.
      if (!isPinned(view as View<unknown>) && this.#size > config.cache.maxEntries)
        this.#evict(codec as Codec<never>, reference.text, view as View<unknown>);
    }
  }

  #make<T>(reference: Reference, codec: Codec<T>, maxEntries: number): View<T> {
    const view = this.#client.makeView(reference, codec, policy as unknown as ViewPolicy<T>);
    let views = this.#views.get(codec as Codec<never>);
    if (views === undefined) {
      views = new Map();
      this.#views.set(codec as Codec<never>, views);
    }
    views.set(reference.text, view as View<unknown>);
    this.#size += 1;
    if (this.#size > maxEntries) this.#sweep(maxEntries, view as View<unknown>);
    return view;
  }

  /** Evicts views by the second-chance algorithm: first those not read since the last sweep, then the oldest. */
  #sweep(maxEntries: number, newest: View<unknown>): void {
    const target = Math.floor(maxEntries * keepShare);
    for (const spare of [true, false]) {
      for (const [codec, views] of this.#views) {
        for (const [text, view] of views) {
          if (this.#size <= target) break;
          const spared = spare && view.touched;
          view.touched = false;
          if (!spared && !isPinned(view) && view !== newest) this.#evict(codec, text, view);
        }
      }
    }
    this.#forgetSources();
  }

  #evict(codec: Codec<never>, text: string, view: View<unknown>): void {
    const views = this.#views.get(codec);
    if (views?.get(text) !== view) return;
    view.close(closed(text));
    views.delete(text);
    if (views.size === 0) this.#views.delete(codec);
    this.#size -= 1;
  }

  #forgetSources(): void {
    const names = new Set<string>();
    const inUse = new Set<StorePath>();
    for (const view of this.#client.allViews()) {
      names.add(view.reference.name);
      for (const store of view.source.stores()) inUse.add(store);
    }
    this.#client.started?.router.retain(names);
    this.#client.started?.sources.retain(inUse);
  }
}

/** Returns whether a view is in use. Leases need no pin, since the source keeps a leased value. */
function isPinned({ pins }: View<unknown>): boolean {
  return pins > 0;
}

/** Starts the refresh of a local source, whose subscription needs no connection. */
async function refreshIfLocal(view: View<unknown>): Promise<void> {
  // The following read reports a provider that cannot be opened.
  await Promise.allSettled(view.source.stores().map(({ provider }) => provider.open()));
  if (view.source.isLocal) view.startRefresh();
}
