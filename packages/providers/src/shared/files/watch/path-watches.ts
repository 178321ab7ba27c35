import type { ProviderHost, Subscription, SubscriptionState, Timer } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { staticMountTip } from "../own-mount.ts";
import { PathWatch } from "./path-watch.ts";
import { createWatchPool, type WatchPool } from "./watch-pool.ts";

/** The polling interval of paths whose changes may be missed. */
const blindLookMs = 5000;

/** The watched paths of one provider. */
export class PathWatches {
  readonly #context: FilesContext;
  readonly #host: ProviderHost;
  readonly #pool: WatchPool;
  /** path -> its watch, shared by the subscriptions to it */
  readonly #watches = new Map<string, PathWatch>();
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(context: FilesContext, host: ProviderHost) {
    this.#context = context;
    this.#host = host;
    this.#pool = createWatchPool(context, host);
  }

  /** Calls `hint` with a path that may have changed. The watches are active when this method returns. */
  subscribe(paths: readonly string[], hint: (path?: string) => void): Subscription {
    const hints = [...new Set(paths)].map((path) => ({ path, call: () => hint(path) }));
    const watches = hints.map(({ path, call }) => this.#add(path, call));
    return {
      get state(): SubscriptionState {
        return watches.map((watch) => watch.state).find((state) => state !== undefined) ?? { mode: "push" };
      },
      [Symbol.asyncDispose]: async () => {
        for (const { path, call } of hints.splice(0)) this.#remove(path, call);
      },
    };
  }

  /** Checks the watch of a path after a read that found a change. */
  verify(path: string): void {
    this.#watches.get(path)?.verify();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const watch of this.#watches.values()) watch.close();
    this.#watches.clear();
  }

  #add(path: string, hint: () => void): PathWatch {
    let watch = this.#watches.get(path);
    if (watch === undefined) {
      const created = new PathWatch(this.#context, this.#pool, path, () => this.#lookWhileBlind(created));
      watch = created;
      this.#watches.set(path, watch);
      this.#lookWhileBlind(watch);
    }
    watch.hints.add(hint);
    return watch;
  }

  #remove(path: string, hint: () => void): void {
    const watch = this.#watches.get(path);
    watch?.hints.delete(hint);
    if (watch === undefined || watch.hints.size > 0) return;
    this.#watches.delete(path);
    watch.close();
  }

  /** Polls while the changes of a path may be missed, more often than the client does. */
  #lookWhileBlind(...candidates: readonly PathWatch[]): void {
    for (const { state } of candidates)
      if (state?.code === "static-mount") this.#host.warn(state.code, staticMountTip, { degrades: true });
    if (this.#timer !== undefined || this.#isClosed || !candidates.some(({ isBlind }) => isBlind)) return;
    this.#timer = this.#context.clock.setTimer(() => {
      this.#timer = undefined;
      for (const watch of this.#watches.values()) if (watch.isBlind) watch.look();
      this.#lookWhileBlind(...this.#watches.values());
    }, blindLookMs);
  }
}
