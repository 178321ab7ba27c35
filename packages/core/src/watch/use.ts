import { atCaller } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import { hasSameValue, type Secret } from "../secret/secret.ts";
import { OwnSignals } from "../time/own-signals.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { replace } from "../view/load.ts";
import type { View } from "../view/view.ts";
import { closed } from "../view/view-problem.ts";
import type { UseOptions } from "./use-options.ts";

type Work<R> = (secret: Secret<unknown> | undefined, signal: AbortSignal) => R | Promise<R>;
type Use = <R>(alias: string, work: Work<R>, options: UseOptions) => Promise<R>;

/** What a `use` needs of its client. */
export interface UseHost {
  readonly scheduler: Scheduler;
  readonly closing: AbortController;
  readonly isClosed: boolean;
  /** Rejects at once an alias that is not declared; gives its view once the config document is read. */
  declaredView(alias: string): () => Promise<View<unknown>>;
  whileHeld<V>(work: Promise<V>): Promise<V>;
}

/** However many calls are refused, the store is asked for a new value this seldom per secret. */
const refetchSpacingMs = 1_000;

/** Work with a credential that is tried once more when it turns out to be refused and another one is there. */
export function createUse(client: UseHost): Use {
  /** view -> the refetch that runs, or the last one and when it ended */
  const refetches = new WeakMap<View<unknown>, { running: Promise<void> | undefined; endedAt: number }>();
  const { clock } = client.scheduler;
  const signals = new OwnSignals(client.closing.signal);

  const refetch = async (view: View<unknown>): Promise<void> => {
    const state = refetches.get(view) ?? { running: undefined, endedAt: Number.NEGATIVE_INFINITY };
    refetches.set(view, state);
    if (state.running === undefined && clock.monotonic() - state.endedAt < refetchSpacingMs) return;
    state.running ??= replace(view).finally(() => {
      state.running = undefined;
      state.endedAt = clock.monotonic();
    });
    await state.running;
  };

  /** Whether there is other content than what was used; asks the store if need be. */
  const hasOther = async (view: View<unknown>, used: Secret<unknown> | undefined): Promise<boolean> => {
    if (differs(view, used)) return true;
    await refetch(view);
    return differs(view, used);
  };

  const run = async <R>(view: View<unknown>, work: Work<R>, options: UseOptions, signal: AbortSignal): Promise<R> => {
    const secret = await view.read();
    signal.throwIfAborted();
    let other: Secret<unknown> | undefined;
    try {
      return await work(secret, signal);
    } catch (error) {
      if (signal.aborted || !isRejected(error, options) || !(await hasOther(view, secret))) throw error;
      const verdict = view.verdict();
      other = "serve" in verdict ? verdict.serve : undefined;
      if (other === undefined || signal.aborted) throw error;
    }
    return await work(other, signal);
  };

  /** @throws {SecretError} at once for what cannot be right, and the reason of a signal that was aborted before */
  const checkedView = (alias: string, work: unknown, options: UseOptions): (() => Promise<View<unknown>>) => {
    if (client.isClosed) throw closed();
    checkOptions("use", options, { rejected: rules.function, signal: rules.signal });
    options?.signal?.throwIfAborted();
    const view = client.declaredView(alias);
    if (typeof work !== "function" || typeof options?.rejected !== "function") throw invalidUse(alias);
    return view;
  };

  const use: Use = async (alias, work, options) => {
    let view: () => Promise<View<unknown>>;
    try {
      view = checkedView(alias, work, options);
    } catch (error) {
      throw atCaller(error, use as () => unknown);
    }
    const working = async (signal: AbortSignal) => {
      const found = await view();
      found.startRefresh();
      return await run(found, work, options, signal);
    };
    return await client.whileHeld(signals.run(working, options.signal));
  };
  return use;
}

/** Whether what is current is something else to the application than what was used. */
function differs({ current }: View<unknown>, used: Secret<unknown> | undefined): boolean {
  return current !== undefined && (used === undefined || !hasSameValue(current, used));
}

/** A test that itself fails says nothing: the error of the work is what the caller must see. */
function isRejected(error: unknown, { rejected }: UseOptions): boolean {
  try {
    return rejected(error) === true;
  } catch {
    return false;
  }
}

function invalidUse(alias: string): SecretError {
  return new SecretError("INVALID_CONFIG", `\`use("${alias}")\` needs a function, and a function \`rejected\``, {
    reason: "option",
    tip: "`rejected(error)` says whether an error means that the credential was refused.",
  });
}
