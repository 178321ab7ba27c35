import type { Subscription, SubscriptionState } from "@tacit/core/provider";
import type { WatchLoop } from "./loop.ts";

/** One use of a watch. */
export interface WatchUse {
  readonly loop: WatchLoop;
  /** Whether the watch stands and passes over this Secret. */
  isUnwatched(): boolean;
  release(): Promise<void>;
}

/** What a subscriber gets: it pushes while all of its watches stand. */
export function watchSubscription(uses: readonly WatchUse[], onDispose: () => void): Subscription {
  let disposing: Promise<unknown> | undefined;
  return {
    get state(): SubscriptionState {
      return uses.map(stateOf).find((state) => state !== undefined) ?? { mode: "push" };
    },
    async [Symbol.asyncDispose]() {
      onDispose();
      disposing ??= Promise.all(uses.map((use) => use.release()));
      await disposing;
    },
  };
}

function stateOf(use: WatchUse): SubscriptionState | undefined {
  return use.loop.state ?? (use.isUnwatched() ? { mode: "poll", code: "label-missing" } : undefined);
}
