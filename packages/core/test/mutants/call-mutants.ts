import type { Provider, ProviderResult } from "../../src/contract/contract.ts";
import type { Mutant } from "./mutant.ts";

/** Adapters that mix calls up, or do not end well. */
export const callMutants: readonly Mutant[] = [
  {
    name: "is always not-modified on condition",
    caughtBy: ["versions.not-modified"],
    provider: (provider) => ({
      ...provider,
      get: async (request, context) =>
        request.ifVersion === undefined
          ? provider.get(request, context)
          : { status: "not-modified", version: request.ifVersion },
    }),
  },
  { name: "answers current for previous", caughtBy: ["versions.previous"], provider: answeringCurrent },
  {
    name: "answers current for what it does not support",
    caughtBy: ["versions.unsupported"],
    supports: { versions: false },
    provider: answeringCurrent,
  },
  {
    name: "remembers the first answer for ever",
    caughtBy: ["versions.update", "versions.delete-recreate"],
    provider: caching,
  },
  { name: "answers whoever asked last", caughtBy: ["concurrency.many-gets"], provider: mixingUp },
  { name: "reads one field after the other", caughtBy: ["concurrency.whole-answers"], provider: tearing },
  {
    name: "answers something to check",
    caughtBy: ["lifecycle.check-well"],
    provider: (provider) => ({ ...provider, check: async () => ({ token: "ok" }) as unknown as undefined }),
  },
  {
    name: "always passes its check",
    caughtBy: ["lifecycle.check-severed"],
    provider: (provider) => ({ ...provider, check: async () => undefined }),
  },
  {
    name: "closes once only",
    caughtBy: ["lifecycle.close-twice"],
    provider: (provider) => {
      let closed = false;
      return {
        ...provider,
        close: async () => {
          if (closed) throw new Error("closed");
          closed = true;
          await provider.close?.();
        },
      };
    },
  },
  {
    name: "lives on after close",
    caughtBy: ["lifecycle.call-after-close", "hints.closed"],
    provider: (provider) => ({ ...provider, close: async () => undefined }),
  },
  { name: "crashes reads when it closes", caughtBy: ["lifecycle.close-during-read"], provider: crashingOnClose },
  {
    name: "waits for a silent store to close",
    caughtBy: ["lifecycle.close-stalled"],
    provider: (provider, store) => ({
      ...provider,
      close: async () => {
        await store.stalled;
        await provider.close?.();
      },
    }),
  },
  {
    name: "leaves a timer running",
    caughtBy: ["lifecycle.no-handle"],
    provider: (provider) => {
      setTimeout(() => undefined, 30_000);
      return provider;
    },
  },
];

function answeringCurrent(provider: Provider): Provider {
  return {
    ...provider,
    get: (request, context) => provider.get({ ...request, version: "current" }, context),
  };
}

function caching(provider: Provider): Provider {
  const answers = new Map<string, Promise<ProviderResult>>();
  return {
    ...provider,
    async get(request, context) {
      const answer = answers.get(request.path) ?? provider.get(request, context);
      answers.set(request.path, answer);
      return answer;
    },
  };
}

/** Keeps the request where the next one overwrites it. */
function mixingUp(provider: Provider): Provider {
  let latest = "";
  return {
    ...provider,
    async get(request, context) {
      latest = request.path;
      await Promise.resolve();
      return provider.get({ ...request, path: latest }, context);
    },
  };
}

function tearing(provider: Provider): Provider {
  return {
    ...provider,
    async get(request, context) {
      const first = await provider.get(request, context);
      const second = await provider.get(request, context);
      if (first.status !== "ok" || second.status !== "ok") return first;
      if (first.payload.kind !== "fields" || second.payload.kind !== "fields") return first;
      const [head] = first.payload.fields;
      return {
        ...second,
        payload: { kind: "fields", fields: new Map([...second.payload.fields, ...(head ? [head] : [])]) },
      };
    },
  };
}

function crashingOnClose(provider: Provider): Provider {
  let closed = false;
  return {
    ...provider,
    async get(request, context) {
      const result = await provider.get(request, context);
      await Promise.resolve();
      if (closed) throw new TypeError("Cannot read properties of undefined");
      return result;
    },
    async close() {
      closed = true;
      await provider.close?.();
    },
  };
}
