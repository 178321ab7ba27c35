import type { CallContext, ProviderHost, Subscription, SubscriptionState, Timer } from "@tacit/core/provider";
import { unlessAborted } from "../../shared/pause.ts";
import type { FileOptions } from "../options.ts";
import type { Surroundings } from "../place.ts";
import { PathWatch, type SharedWatchPool } from "./path-watch.ts";
import { createWatchPool } from "./watch-pool.ts";

/** How often paths are looked at whose changes nothing tells. */
const blindLookMs = 5000;

/** The watched paths of one provider. */
export class PathWatches {
  readonly #options: FileOptions;
  readonly #surroundings: Surroundings;
  readonly #host: ProviderHost;
  readonly #pool: SharedWatchPool;
  /** path -> its watch, shared by the subscriptions to it */
  readonly #watches = new Map<string, PathWatch>();
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: FileOptions, surroundings: Surroundings, host: ProviderHost) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#host = host;
    this.#pool = createWatchPool({ options, host, fileSystem: surroundings.fileSystem });
  }

  /** Calls `hint` with a path whenever it may have changed; the watches stand when this resolves. */
  async subscribe(
    paths: readonly string[],
    hint: (path?: string) => void,
    { signal }: CallContext,
  ): Promise<Subscription> {
    const { fileSystem, root } = this.#surroundings;
    if (this.#options.watch === "poll")
      await unlessAborted(fileSystem.promises.lstat(root).then(ignore, ignore), signal);
    const hints = [...new Set(paths)].map((path) => ({ path, call: () => hint(path) }));
    const watches = hints.map(({ path, call }) => this.#add(path, call));
    const dispose = async (): Promise<void> => {
      await Promise.all(hints.splice(0).map(({ path, call }) => this.#remove(path, call)));
    };
    try {
      await unlessAborted(Promise.all(watches.map((watch) => watch.standing)), signal);
    } catch (error) {
      await dispose();
      throw error;
    }
    return {
      get state(): SubscriptionState {
        return watches.map((watch) => watch.state).find((state) => state !== undefined) ?? { mode: "push" };
      },
      [Symbol.asyncDispose]: dispose,
    };
  }

  /** Before a read: whether the watch of its path still watches the right directory. */
  verify(path: string): void {
    this.#watches.get(path)?.verify();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    await Promise.all(watches.map((watch) => watch.close()));
  }

  #add(path: string, hint: () => void): PathWatch {
    let watch = this.#watches.get(path);
    if (watch === undefined) {
      const created = new PathWatch(this.#surroundings, this.#pool, path, () => this.#lookWhileBlind(created));
      watch = created;
      this.#watches.set(path, watch);
    }
    watch.hints.add(hint);
    return watch;
  }

  async #remove(path: string, hint: () => void): Promise<void> {
    const watch = this.#watches.get(path);
    watch?.hints.delete(hint);
    if (watch === undefined || watch.hints.size > 0) return;
    this.#watches.delete(path);
    await watch.close();
  }

  /** The client's own poll is slower than what a path without a watch deserves. */
  #lookWhileBlind(...candidates: readonly PathWatch[]): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    if (!candidates.some((watch) => isBlindState(watch.state))) return;
    this.#timer = this.#host.clock.setTimer(() => {
      this.#timer = undefined;
      for (const watch of this.#watches.values()) if (isBlindState(watch.state)) watch.look();
      this.#lookWhileBlind(...this.#watches.values());
    }, blindLookMs);
  }
}

/** A mount that never changes is left to the client's poll. */
function isBlindState(state: SubscriptionState | undefined): boolean {
  return state !== undefined && state.code !== "static-mount";
}

function ignore(): void {}
