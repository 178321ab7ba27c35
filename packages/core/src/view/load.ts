import { isSecretError, type SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import type { ReadMode } from "../source/source.ts";
import { untilAborted } from "../time/until-aborted.ts";
import type { View } from "./view.ts";
import { closed, notFound, notReady } from "./view-problem.ts";

const firstLoadMs = 15_000;
const firstLoadAttempts = 3;
/** Between two attempts, whatever source and view say: nothing here may become a busy loop. */
const shortestPauseMs = 500;

/**
 * Asks the source and hands out what the view then holds. A first load has no last good value: it tries up to three
 * times within 15 s. A later one asks once, and serves the last good value if that fails and policy allows it.
 */
export async function load<T>(view: View<T>, mode: ReadMode): Promise<Secret<T> | undefined> {
  if (!isLoaded(view)) return await firstLoad(view, mode);
  const { clock } = view.context.scheduler;
  if (mode !== "cached" || view.source.retryAt <= clock.monotonic()) await ask(view, mode);
  return await served(view);
}

/** Reads anew and serves nothing else. @throws {SecretError} also where a last good value exists */
export async function refresh<T>(view: View<T>): Promise<Secret<T> | undefined> {
  await ask(view, "after");
  if (view.problem !== undefined) throw view.problem;
  return await served(view);
}

/** Asks for another value than the held one, a credential too, and waits until it is adopted or refused. Never rejects for a failure of the store. */
export async function replace<T>(view: View<T>): Promise<void> {
  await ask(view, "replace");
}

async function firstLoad<T>(view: View<T>, mode: ReadMode): Promise<Secret<T> | undefined> {
  const { clock } = view.context.scheduler;
  const until = clock.monotonic() + firstLoadMs;
  for (let attempt = 1; !isLoaded(view); attempt += 1) {
    const left = until - clock.monotonic();
    const wait = Math.max(view.retryAt - clock.monotonic(), attempt > 1 ? shortestPauseMs : 0);
    // What another reader of the same source has been told already.
    const { outcome } = view.source;
    if (wait > 0 && view.problem === undefined && outcome?.kind === "failed") view.see(outcome);
    // After a drop, other content is awaited for as long as a first load may take.
    const isDropped = view.block?.reason === "dropped";
    const isLast = attempt > firstLoadAttempts || (attempt > 1 && view.problem?.retryable === false);
    const isTooLate = view.problem !== undefined && wait > left;
    if (left <= 0 || (!isDropped && (isLast || isTooLate))) throw whyNot(view);
    if (wait > 0) await pause(view, Math.min(wait, left));
    if (isLoaded(view)) break;
    const asking = ask(view, isDropped ? "after" : attempt === 1 ? mode : "cached");
    await within(view, until - clock.monotonic(), asking);
  }
  return await served(view);
}

function isLoaded<T>(view: View<T>): boolean {
  return view.adopted !== undefined || (view.absent && view.policy.optional);
}

function whyNot<T>(view: View<T>): SecretError {
  const { block, problem } = view;
  return (block?.reason === "dropped" ? block : problem) ?? block ?? notReady(view.name);
}

async function ask<T>(view: View<T>, mode: ReadMode): Promise<void> {
  view.see(await view.source.read(mode));
  await view.idle;
  if (view.context.closed.aborted) throw closed(view.reference.text);
}

/** An attempt that has begun goes on when nobody waits for it any more; its answer serves the next reader. */
async function within<T>(view: View<T>, limitMs: number, work: Promise<void>): Promise<void> {
  const { scheduler } = view.context;
  const { promise, resolve } = Promise.withResolvers<void>();
  const limit = scheduler.after(limitMs, resolve);
  await Promise.race([work, promise]).finally(() => scheduler.cancel(limit));
}

/** What may be handed out now. @throws {SecretError} */
async function served<T>(view: View<T>): Promise<Secret<T> | undefined> {
  if (view.block !== undefined) throw view.block;
  if (!view.policy.declared && view.absent) throw notFound(view.reference.text, view.source);
  // An undeclared decoder has no last good value of its own: what it cannot read now is an error.
  if (!view.policy.declared && isSecretError(view.problem, "INVALID_VALUE")) throw view.problem;
  if (view.adopted === undefined && !view.policy.optional) throw view.problem ?? notReady(view.reference.text);
  return await view.serve();
}

/** Waits, but not past the arrival of a value. @throws {SecretError} CLOSED */
async function pause<T>(view: View<T>, delayMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { scheduler, closed } = view.context;
  const task = scheduler.after(delayMs, resolve);
  const unfollow = view.audience.follow({ onChange: () => resolve() });
  try {
    await untilAborted(promise, closed);
  } finally {
    scheduler.cancel(task);
    unfollow();
  }
}
