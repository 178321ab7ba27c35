import { isSecretError, SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import { untilAborted } from "./admission.ts";
import type { View } from "./view.ts";
import { closed, notFound, notReady } from "./view-problem.ts";

const firstLoadMs = 15_000;
const firstLoadAttempts = 3;

/**
 * Asks the source and hands out what the view then holds. A first load has no last good value: it tries up to three
 * times within 15 s. A later one asks once, and serves the last good value if that fails and policy allows it.
 */
export async function load<T>(view: View<T>, mode: "cached" | "after"): Promise<Secret<T> | undefined> {
  if (view.adopted === undefined && !(view.absent && view.policy.optional)) return await firstLoad(view, mode);
  const { clock } = view.context.scheduler;
  if (mode === "after" || view.source.retryAt <= clock.monotonic()) await ask(view, mode);
  return await served(view);
}

/** Reads anew and serves nothing else. @throws {SecretError} also where a last good value exists */
export async function refresh<T>(view: View<T>): Promise<Secret<T> | undefined> {
  await ask(view, "after");
  if (view.problem !== undefined) throw view.problem;
  return await served(view);
}

async function firstLoad<T>(view: View<T>, mode: "cached" | "after"): Promise<Secret<T> | undefined> {
  const { scheduler } = view.context;
  const until = scheduler.clock.monotonic() + firstLoadMs;
  for (let attempt = 1; ; attempt += 1) {
    const wait = view.retryAt - scheduler.clock.monotonic();
    // What another reader of the same source has been told already.
    const { outcome } = view.source;
    if (wait > 0 && view.problem === undefined && outcome?.kind === "failed") view.see(outcome);
    const hopeless = attempt > 1 && (view.problem?.retryable === false || attempt > firstLoadAttempts);
    if (view.problem !== undefined && (hopeless || wait > until - scheduler.clock.monotonic())) throw view.problem;
    if (wait > 0) await pause(view, wait);
    await ask(view, attempt === 1 ? mode : "cached");
    if (view.adopted !== undefined || (view.absent && view.policy.optional)) return await served(view);
  }
}

async function ask<T>(view: View<T>, mode: "cached" | "after"): Promise<void> {
  view.see(await view.source.read(mode));
  await view.idle;
  if (view.context.closed.aborted) throw closed(view.reference.text);
}

/** What may be handed out now. @throws {SecretError} */
async function served<T>(view: View<T>): Promise<Secret<T> | undefined> {
  if (view.block !== undefined) throw view.block;
  if (!view.policy.declared && view.absent) throw notFound(view.reference.text);
  // An undeclared decoder has no last good value of its own: what it cannot read now is an error.
  if (!view.policy.declared && isSecretError(view.problem, "INVALID_VALUE")) throw view.problem;
  if (view.adopted === undefined && !view.policy.optional) throw view.problem ?? notReady(view.reference.text);
  return await view.serve();
}

function pause<T>(view: View<T>, delayMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const task = view.context.scheduler.after(delayMs, resolve);
  return untilAborted(promise, view.context.closed).catch((error: unknown) => {
    view.context.scheduler.cancel(task);
    throw error instanceof SecretError ? error : closed(view.reference.text);
  });
}
