import type { Subscription, SubscriptionState } from "@tacit/core/provider";
import type { WatchLoop } from "./loop.ts";

/** One use of a watch. */
export interface WatchUse {
  readonly loop: WatchLoop;
  /** Whether the Secret exists but does not match the label selector of the watch. */
  isUnwatched(): boolean;
  release(): Promise<void>;
}

/** Creates a subscription to several watches; it pushes while all of them are connected. */
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
