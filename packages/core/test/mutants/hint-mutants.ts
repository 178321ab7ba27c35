import type { Provider, ProviderResult } from "../../src/contract/contract.ts";
import type { Mutant } from "./mutant.ts";

type Spoil = NonNullable<Mutant["provider"]>;
type Hint = (path?: string) => void;

/** Adapters that lose hints, or send them when nobody listens any more. */
export const hintMutants: readonly Mutant[] = [
  {
    name: "hints the first change only",
    caughtBy: ["hints.successive", "hints.appearance", "hints.delete-recreate"],
    provider: hinting((hint) => {
      let hinted = false;
      return () => {
        if (!hinted) hint();
        hinted = true;
      };
    }),
  },
  {
    name: "takes the first event for the state at the start",
    caughtBy: ["hints.before", "hints.several-paths", "hints.independent"],
    provider: hinting((hint) => {
      let started = false;
      return () => {
        if (started) hint();
        started = true;
      };
    }),
  },
  {
    name: "hears nothing between its start and its first event loop turn",
    caughtBy: ["hints.while"],
    provider: deafAtStart,
  },
  {
    name: "names a path that nobody asked for",
    caughtBy: ["hints.successive"],
    provider: hinting((hint) => () => hint("app/other")),
  },
  {
    name: "watches the first path only",
    caughtBy: ["hints.several-paths"],
    provider: (provider) => ({
      ...provider,
      subscribe: (paths, hint, context) => subscribeOf(provider)(paths.slice(0, 1), hint, context),
    }),
  },
  {
    name: "hints on after disposal",
    caughtBy: ["hints.disposed"],
    provider: (provider) => ({
      ...provider,
      async subscribe(paths, hint, context) {
        await subscribeOf(provider)(paths, hint, context);
        return { [Symbol.asyncDispose]: async () => undefined };
      },
    }),
  },
  {
    name: "cannot be disposed twice",
    caughtBy: ["hints.disposed"],
    provider: (provider) => ({
      ...provider,
      async subscribe(paths, hint, context) {
        const subscription = await subscribeOf(provider)(paths, hint, context);
        let disposed = false;
        return {
          async [Symbol.asyncDispose]() {
            if (disposed) throw new TypeError("already disposed");
            disposed = true;
            await subscription[Symbol.asyncDispose]();
          },
        };
      },
    }),
  },
  {
    name: "ends all subscriptions with one",
    caughtBy: ["hints.independent"],
    provider: (provider, store) => ({
      ...provider,
      async subscribe(paths, hint, context) {
        await subscribeOf(provider)(paths, hint, context);
        return { [Symbol.asyncDispose]: async () => store.listeners.clear() };
      },
    }),
  },
  {
    name: "goes on after close",
    caughtBy: ["hints.closed"],
    provider: (provider) => ({ ...provider, close: async () => undefined }),
  },
];

function hinting(change: (hint: Hint) => Hint): Spoil {
  return (provider) => ({
    ...provider,
    subscribe: (paths, hint, context) => subscribeOf(provider)(paths, change(hint), context),
  });
}

/** Serves what it read when the subscription began, until an event says otherwise; the first events are lost. */
function deafAtStart(provider: Provider): Provider {
  const held = new Map<string, ProviderResult>();
  return {
    ...provider,
    get: async (request, context) => held.get(request.path) ?? provider.get(request, context),
    async subscribe(paths, hint, context) {
      for (const path of paths) held.set(path, await provider.get({ path, version: "current" }, context));
      await new Promise(setImmediate);
      const forget = (): void => {
        held.clear();
        hint();
      };
      return subscribeOf(provider)(paths, forget, context);
    },
  };
}

function subscribeOf(provider: Provider): NonNullable<Provider["subscribe"]> {
  return (paths, hint, context) =>
    provider.subscribe?.(paths, hint, context) ?? Promise.reject(new Error("no subscribe"));
}
