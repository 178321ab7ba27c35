import { isSecretError, type SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import type { PayloadSource, ReadMode } from "../source/source.ts";
import { race } from "../time/race.ts";
import type { Listeners } from "./listeners.ts";
import type { Verdict } from "./verdict.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";
import { closed, notReady } from "./view-problem.ts";

/** The part of a view that its load needs. */
export interface LoadedView<T> {
  readonly name: string;
  readonly policy: Pick<ViewPolicy<T>, "optional">;
  readonly context: ViewContext;
  readonly source: Pick<PayloadSource, "read" | "retryAt" | "answer">;
  readonly listeners: Listeners<T>;
  readonly current: Secret<T> | undefined;
  readonly lastError: SecretError | undefined;
  readonly isNotFound: boolean;
  readonly isDropped: boolean;
  readonly retryAt: number;
  readonly idle: Promise<void> | undefined;
  observe(): void;
  verdict(): Verdict<T>;
  /** Restores the value of an earlier process if no store can be asked. */
  restore(): Promise<void>;
  hand(secret: Secret<T> | undefined): Promise<Secret<T> | undefined>;
}

const firstLoadMs = 15_000;
const firstLoadAttempts = 3;
/** The least pause between two attempts, which prevents a busy loop. */
const shortestPauseMs = 500;

/**
 * Reads the source and returns the value that the view may then serve. A first load has no last good value, so it tries up to
 * three times within 15 s. A later load reads once, and returns the last good value if that fails and the policy allows it.
 * @throws {SecretError} the error of the verdict
 */
export async function load<T>(view: LoadedView<T>, mode: ReadMode): Promise<Secret<T> | undefined> {
  view.observe();
  if (!isLoaded(view)) return await firstLoad(view, mode);
  const { clock } = view.context.scheduler;
  if (mode !== "cached" || view.source.retryAt <= clock.monotonic()) await ask(view, mode);
  return await served(view);
}

/**
 * Reads again unless the source is backing off, and returns the value that may then be served.
 * @throws {SecretError} the error of the verdict
 */
export async function renew<T>(view: LoadedView<T>): Promise<Secret<T> | undefined> {
  if (view.source.retryAt <= view.context.scheduler.clock.monotonic()) await ask(view, "after");
  return await served(view);
}

/**
 * Reads again, and returns only the result of that read.
 * @throws {SecretError} the error of the read, even if a last good value exists
 */
export async function refresh<T>(view: LoadedView<T>): Promise<Secret<T> | undefined> {
  await ask(view, "after");
  if (view.lastError !== undefined) throw view.lastError;
  return await served(view);
}

/**
 * Requests a value other than the held one, also a new credential, and waits until it is adopted or refused. Does not reject
 * because of a failure of the store.
 */
export async function replace<T>(view: LoadedView<T>): Promise<void> {
  await ask(view, "replace");
}

/** Reads once, and returns the value that may then be served, if there is one. */
export async function readOnce<T>(view: LoadedView<T>): Promise<Secret<T> | undefined> {
  await ask(view, "cached");
  const verdict = view.verdict();
  return "serve" in verdict ? verdict.serve : undefined;
}

async function firstLoad<T>(view: LoadedView<T>, mode: ReadMode): Promise<Secret<T> | undefined> {
  const { scheduler } = view.context;
  const { clock } = scheduler;
  const until = clock.monotonic() + firstLoadMs;
  for (let attempt = 1; !isLoaded(view); attempt += 1) {
    // A mock, whose clock stands still, may have set another value since; only a new read helps.
    const isHopeless = !view.context.waitsForRefused && isRefused(view);
    if (isHopeless && attempt > 1) throw whyNot(view);
    const left = until - clock.monotonic();
    const wait = isHopeless ? 0 : Math.max(view.retryAt - clock.monotonic(), attempt > 1 ? shortestPauseMs : 0);
    // After a drop, other content is awaited for the whole time of a first load.
    const { isDropped } = view;
    const isLast = attempt > firstLoadAttempts || (attempt > 1 && view.lastError?.retryable === false);
    const isTooLate = view.lastError !== undefined && wait > left;
    if (left <= 0 || (!isDropped && (isLast || isTooLate))) throw whyNot(view);
    if (wait > 0) await pause(view, Math.min(wait, left));
    if (isLoaded(view)) break;
    const asking = ask(view, isDropped || isHopeless ? "after" : attempt === 1 ? mode : "cached");
    // A running attempt continues when the load ends; its answer serves the next reader.
    await race(asking, scheduler, { afterMs: until - clock.monotonic(), onLate: () => undefined });
    await view.restore();
  }
  return await served(view);
}

function isRefused<T>({ lastError, idle }: LoadedView<T>): boolean {
  return idle === undefined && isSecretError(lastError, "INVALID_VALUE", "REFUSED");
}

function isLoaded<T>(view: LoadedView<T>): boolean {
  return view.current !== undefined || (view.isNotFound && view.policy.optional && !view.isDropped);
}

async function ask<T>(view: LoadedView<T>, mode: ReadMode): Promise<void> {
  view.observe();
  await view.source.read(mode);
  await view.idle;
  if (view.context.closed.aborted) throw closed(view.name);
}

/**
 * Returns the value that may be served now.
 * @throws {SecretError} the error of the verdict
 */
async function served<T>(view: LoadedView<T>): Promise<Secret<T> | undefined> {
  const verdict = view.verdict();
  if ("error" in verdict) throw whyNot(view);
  return await view.hand(verdict.serve);
}

/**
 * Returns the error for a failed load. Before the first value, the error of the last attempt is more informative than
 * `not-loaded`.
 */
function whyNot<T>(view: LoadedView<T>): SecretError {
  const verdict = view.verdict();
  const error = "error" in verdict ? verdict.error : undefined;
  if (error?.reason === "not-loaded" || error === undefined) return view.lastError ?? error ?? notReady(view.name);
  return error;
}

/**
 * Waits for a delay or until a value arrives.
 * @throws {SecretError} CLOSED
 */
async function pause<T>(view: LoadedView<T>, delayMs: number): Promise<void> {
  const { scheduler, closed } = view.context;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = view.listeners.add({ onChange: () => resolve(), onServing: () => resolve() });
  try {
    await race(promise, scheduler, { signals: [closed], afterMs: delayMs, onLate: () => undefined });
  } finally {
    stop();
  }
}
