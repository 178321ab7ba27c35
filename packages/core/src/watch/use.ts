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

/** The part of a client that `use` needs. */
export interface UseHost {
  readonly scheduler: Scheduler;
  readonly closing: AbortController;
  readonly isClosed: boolean;
  /** Throws for an undeclared alias; returns a function that returns its view once the config document is read. */
  declaredView(alias: string): () => Promise<View<unknown>>;
  whileHeld<V>(work: Promise<V>): Promise<V>;
}

/** The minimum time between two reads of a secret because of refusals. */
const refetchSpacingMs = 1_000;

/** Creates `use`, which runs work with a credential, and once more if the credential was refused and another one is available. */
export function createUse(client: UseHost): Use {
  /** view -> the refetch in progress, and when the last one ended */
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

  /** Returns whether another value is available, after a read if necessary. */
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

  /** Checks the arguments. @throws {SecretError} CLOSED, INVALID_CONFIG, INVALID_NAME; the reason of an aborted signal */
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

/** Returns whether the current value differs from the used one. */
function differs({ current }: View<unknown>, used: Secret<unknown> | undefined): boolean {
  return current !== undefined && (used === undefined || !hasSameValue(current, used));
}

/** Returns whether an error means a refused credential; false if `rejected` throws, so that the caller gets the error of the work. */
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
