import type { Provider, SecretPayload, Subscription } from "../contract/contract.ts";
import { systemClock } from "../time/clock.ts";
import { expectThat, samePayload, within } from "./assertions.ts";
import type { Trial } from "./case.ts";
import { readOnce } from "./session.ts";

/** Reads only when it was told to look again: what it sees, it sees thanks to a hint. */
export interface Follower {
  /** How many hints have arrived. */
  readonly hints: number;
  /** Reads once, as the client does when its subscription stands. */
  look(): Promise<void>;
  /** Resolves when a read after a hint answered this payload, or `undefined` for not-found. */
  sees(path: string, payload: SecretPayload | undefined, what: string): Promise<void>;
  stop(): Promise<void>;
}

/** Subscribes to paths; resolves when the subscription is active. */
export async function follow(trial: Trial, provider: Provider, paths: readonly string[]): Promise<Follower> {
  /** path -> the last answer to it; `undefined` for not-found */
  const seen = new Map<string, SecretPayload | undefined>();
  const settleMs = trial.harness.settleMs ?? 2000;
  let hints = 0;
  let reading = Promise.resolve();
  let wake = (): void => undefined;
  let failure: unknown;

  const readAll = async (): Promise<void> => {
    for (const path of paths) {
      const result = await readOnce(provider, path);
      seen.set(path, result.status === "ok" ? result.payload : undefined);
    }
    wake();
  };
  const look = (): Promise<void> => {
    reading = reading.then(readAll).catch((error: unknown) => {
      failure ??= error;
      wake();
    });
    return reading;
  };
  const hint = (path?: string): void => {
    hints++;
    if (path !== undefined && !paths.includes(path))
      failure ??= new Error("a hint names a path that was not asked for");
    void look();
  };
  const subscription = await subscribe(provider, paths, hint);

  return {
    get hints() {
      return hints;
    },
    look,
    async sees(path, payload, what) {
      const end = systemClock.monotonic() + settleMs;
      for (;;) {
        if (failure !== undefined) throw failure;
        if (seen.has(path) && matches(seen.get(path), payload)) return;
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await within(woken, `${what}: no hint led to it`, Math.max(1, Math.ceil(end - systemClock.monotonic())));
      }
    },
    async stop() {
      await within(Promise.resolve(subscription[Symbol.asyncDispose]()), "disposing a subscription");
    },
  };
}

/** Calls `subscribe` with a time limit. */
export async function subscribe(
  provider: Provider,
  paths: readonly string[],
  hint: (path?: string) => void,
): Promise<Subscription> {
  expectThat(provider.subscribe, "supports.subscribe is set, but the provider has no subscribe");
  return within(provider.subscribe(paths, hint, { signal: new AbortController().signal }), "subscribe");
}

function matches(seen: SecretPayload | undefined, wanted: SecretPayload | undefined): boolean {
  return seen === undefined || wanted === undefined ? seen === wanted : samePayload(seen, wanted);
}
