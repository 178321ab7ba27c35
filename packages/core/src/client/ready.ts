import { countOf, reportProblems } from "../error/problems.ts";
import { isSecretError, SecretError, withErrorContext } from "../error/secret-error.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import { isRefusalBecauseOf } from "../provider/availability.ts";
import { toMilliseconds } from "../time/duration.ts";
import { race } from "../time/race.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { isOutage, restoreLate } from "../view/restore.ts";
import type { View } from "../view/view.ts";
import type { Client } from "./client.ts";
import type { ReadyOptions } from "./ready-options.ts";

/**
 * Reads the config document, opens all routed providers, and loads all declared secrets. Work that has not ended at the deadline
 * is reported as a problem.
 * @throws {SecretError} NOT_READY whose `errors` are all problems
 */
export async function ready(client: Client, options: ReadyOptions): Promise<void> {
  checkOptions("ready", options, readyRules);
  const { timeout, signal } = options;
  const timeoutMs = timeout === undefined ? undefined : toMilliseconds(timeout, "`timeout` of ready");
  const ending = new AbortController();
  const end = (): void => ending.abort();
  signal?.addEventListener("abort", end, { once: true });
  // Opens the snapshot at half of the timeout, so that it is available at the deadline.
  const open = (): void => void (client.wasReady ? undefined : client.snapshot?.open());
  const half = timeoutMs === undefined ? undefined : client.scheduler.after(timeoutMs / 2, open);
  const timer = timeoutMs === undefined ? undefined : client.scheduler.after(timeoutMs, end);
  try {
    const problems = await prepare(client, { ...options, timeoutMs, ending: ending.signal });
    const closing = problems.find(({ code }) => code === "CLOSED");
    if (closing !== undefined) throw closing;
    if (problems.length > 0) throw notReady(grouped(client, problems));
    reportReady(client);
  } finally {
    end();
    signal?.removeEventListener("abort", end);
    for (const task of [half, timer]) if (task !== undefined) client.scheduler.cancel(task);
  }
}

/** Emits the event `ready` once. */
function reportReady(client: Client): void {
  if (client.wasReady) return;
  client.wasReady = true;
  const served = [...client.views.values()].flatMap(({ current }) => current?.meta.provider ?? []);
  const secrets = Object.fromEntries([...Map.groupBy(served, (name) => name)].map(([name, all]) => [name, all.length]));
  client.report.emit({ type: "ready", secrets, absent: client.views.size - served.length });
}

const readyRules = { signal: rules.signal, timeout: rules.any, missing: rules.oneOf("fail", "wait") };

interface Preparing extends ReadyOptions {
  readonly timeoutMs: number | undefined;
  /** Aborts at the deadline, or when the caller aborts. */
  readonly ending: AbortSignal;
}

async function prepare(client: Client, options: Preparing): Promise<readonly SecretError[]> {
  const { ending } = options;
  const started = await collect(client.start(), ending, () => tooLate("the configuration", options));
  if (started.length > 0) return started;
  const views = [...client.views.values()];
  // Both run concurrently, so that a slow provider delays only its own secrets.
  const [notOpened, notLoaded] = await Promise.all([openProviders(client, options), loadViews(views, options)]);
  if (ending.aborted && options.signal?.aborted !== true) await restoreAll(client, views);
  const restored = new Set(views.filter(isRestored).map(({ name }) => name));
  const loaded = notLoaded.filter(({ reference }) => !restored.has(reference ?? ""));
  const opened = [...notOpened].flatMap(([name, problems]) =>
    isSpared(views, name) ? problems.filter((problem) => !isOutage(problem)) : problems,
  );
  const problems = [...opened, ...loaded];
  const { refusal } = client.snapshot ?? {};
  if (problems.some(isOutage) && refusal !== undefined) problems.push(refusal);
  if (ending.aborted && (problems.length > 0 || client.handles.size === 0)) return problems;
  const previous = Promise.all([...client.previous.values()].map((one) => one.loaded));
  // Previous versions are awaited, but their failures are ignored.
  await untilAborted(previous, AbortSignal.any([ending, client.closing.signal])).catch(() => undefined);
  const derived = await collect(client.derivedReady(), ending, () => tooLate("a derived resource", options));
  return [...problems, ...derived];
}

/** The extra time after the deadline that `ready` takes for values that are already available. */
const restoringMs = 100;

async function restoreAll(client: Client, views: readonly View<unknown>[]): Promise<void> {
  if (client.snapshot === undefined) return;
  const restoring = Promise.all(views.map(restoreLate)).then(() => undefined);
  await race(restoring, client.scheduler, { afterMs: restoringMs, onLate: () => undefined });
}

function isRestored({ payload }: View<unknown>): boolean {
  return payload?.snapshot === true;
}

/** Returns whether an outage of a provider is no problem: all its secrets have a value, at least one of them restored. */
function isSpared(views: readonly View<unknown>[], provider: string): boolean {
  const served = views.filter((view) => view.source.stores().some((store) => store.provider.name === provider));
  return served.some(isRestored) && served.every(({ current }) => current !== undefined);
}

/** Opens all routed providers, including fallbacks, so that their problems do not first appear during an outage. */
async function openProviders(client: Client, options: Preparing): Promise<ReadonlyMap<string, readonly SecretError[]>> {
  const { config, providers } = await client.start();
  const routed = new Set(config.routes.flatMap(({ to }) => to));
  for (const binding of config.bindings.values()) {
    const parts = binding.kind === "single" ? [binding.part] : [...binding.fields.values()];
    for (const { provider } of parts) routed.add(provider);
  }
  const opening = [...routed].map(async (name): Promise<[string, readonly SecretError[]]> => {
    const provider = providers.get(name);
    if (provider === undefined) return [name, []];
    const problems = await collect(provider.open(), options.ending, () => tooLate(`provider "${name}"`, options));
    // The failure of an optional provider is reported by an event.
    return [name, provider.config.optional ? [] : problems];
  });
  return new Map(await Promise.all(opening));
}

function loadViews(views: readonly View<unknown>[], options: Preparing): Promise<readonly SecretError[]> {
  const late = (view: View<unknown>): SecretError => view.lastError ?? tooLate(`"${view.name}"`, options, view.name);
  return collectAll(views, (view) => loadView(view, options), options.ending, late);
}

async function loadView(view: View<unknown>, { missing, ending }: Preparing): Promise<void> {
  view.startRefresh();
  for (;;) {
    try {
      await view.read();
      return;
    } catch (error) {
      const waits = missing === "wait" && isSecretError(error, "NOT_FOUND") && error.definitive === true;
      if (!waits) throw error;
      await nextNews(view, ending);
    }
  }
}

/** Waits for the next news of a view, which reads an absent secret repeatedly by itself. */
function nextNews(view: View<unknown>, ending: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = view.listeners.add({
    onChange: () => resolve(),
    onError: () => resolve(),
    onServing: () => resolve(),
    onStop: () => resolve(),
  });
  return race(promise, view.context.scheduler, { signals: [view.context.closed, ending] }).finally(stop);
}

/** Collects the problems of many pieces of work like `collect`, with a single listener on the signal, since a thousand are slow. */
async function collectAll<W>(
  items: readonly W[],
  work: (item: W) => Promise<unknown>,
  ending: AbortSignal,
  late: (item: W) => SecretError,
): Promise<readonly SecretError[]> {
  const found: (readonly SecretError[] | undefined)[] = items.map(() => undefined);
  const done = items.map(async (item, index) => {
    found[index] = await problemsOf(work(item));
  });
  await untilAborted(Promise.all(done), ending).catch((error: unknown) => {
    if (!ending.aborted) throw error;
  });
  return items.flatMap((item, index) => found[index] ?? [late(item)]);
}

/** Returns the problems of a piece of work, or that of a missed deadline. */
async function collect(
  work: Promise<unknown>,
  ending: AbortSignal,
  late: () => SecretError,
): Promise<readonly SecretError[]> {
  try {
    return await untilAborted(problemsOf(work), ending);
  } catch (error) {
    if (ending.aborted) return [late()];
    throw error;
  }
}

async function problemsOf(work: Promise<unknown>): Promise<readonly SecretError[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (isSecretError(error)) return error.errors ?? [error];
    throw error;
  }
}

function tooLate(what: string, { timeoutMs }: Preparing, reference?: string): SecretError {
  const within = timeoutMs === undefined ? "" : ` within ${timeoutMs} ms`;
  return new SecretError("UNAVAILABLE", `${what} was not ready${within}`, { reason: "timeout", reference });
}

/** A problem, with the aliases that are not ready because of it. */
interface Grouped {
  readonly problem: SecretError;
  readonly aliases: Set<string>;
  /** The alias of each secret that reported it; undefined for a provider. */
  readonly references: Set<string | undefined>;
}

/** Groups equal problems: a failed provider, for example, causes the same problem for all its secrets. */
function grouped(client: Client, problems: readonly SecretError[]): readonly Grouped[] {
  const groups = new Map<string, Grouped>();
  for (const reported of problems) {
    const { code, provider, reference } = reported;
    const problem = causeOfRefusal(reported);
    // Refusals are not grouped, since each has its own cause.
    const own = code === "REFUSED" ? groups.size : "";
    const key = `${problem.code} ${problem.provider ?? provider ?? ""} ${problem.message} ${own}`;
    const group = groups.get(key) ?? { problem, aliases: new Set(), references: new Set() };
    groups.set(key, group);
    group.references.add(reference);
    for (const alias of aliasesOf(client, reference)) group.aliases.add(alias);
  }
  return [...groups.values()].map((group) => ({ ...group, problem: underItsReference(group) }));
}

/** Sets the reference of a problem, or removes it if the problem concerns several. */
function underItsReference({ problem, references }: Grouped): SecretError {
  const [reference] = references;
  const copy = withErrorContext(problem, { reference });
  if (references.size > 1) Reflect.deleteProperty(copy, "reference");
  return copy;
}

/** Returns the error that made a provider unavailable instead of the refusal that it caused. */
function causeOfRefusal(problem: SecretError): SecretError {
  const { cause } = problem;
  return isSecretError(cause) && isRefusalBecauseOf(problem, cause) ? cause : problem;
}

/** Returns the aliases of a reference that have failed, or all of them: one of two aliases may succeed. */
function aliasesOf(client: Client, reference: string | undefined): readonly string[] {
  const found = [...client.options.declarations]
    .filter(([, declaration]) => declaration.reference.text === reference)
    .map(([alias]) => alias);
  const failed = found.filter((alias) => client.views.get(alias)?.lastError !== undefined);
  return failed.length === 0 ? found : failed;
}

function notReady(groups: readonly Grouped[]): SecretError {
  const problems = groups.map(({ problem }) => problem);
  const aliases = new Map(groups.map(({ problem, aliases }) => [problem, [...aliases].join(", ")]));
  const line = (problem: SecretError): string => {
    const names = aliases.get(problem) ?? "";
    return `${problem.code}${names === "" ? "" : ` (${names})`}: ${problem.message}${unnamedProvider(problem)}`;
  };
  const headline = `${countOf(problems)} ${problems.length === 1 ? "keeps" : "keep"} the secrets from being ready`;
  const retryable = problems.every((problem) => problem.retryable);
  return reportProblems({ code: "NOT_READY", headline, problems, line }, { reason: "not-ready", retryable });
}

/** Returns the provider for a message that does not contain it, since an adapter does not know its name in the document. */
function unnamedProvider({ provider, message }: SecretError): string {
  const isNamed =
    provider === undefined || message.includes(`"${provider}"`) || message.includes(`providers.${provider}`);
  return isNamed ? "" : ` (provider "${provider}")`;
}
