import type { Client } from "./client.ts";
import { isSecretError, SecretError } from "./error/secret-error.ts";
import { untilAborted } from "./view/admission.ts";
import type { View } from "./view/view.ts";

export interface ReadyOptions {
  readonly signal?: AbortSignal;
  /** Default: none; a first load is bounded by its own 15 s. */
  readonly timeoutMs?: number;
  /** `wait`: secrets that do not exist yet are awaited until the deadline. Default `fail`. */
  readonly missing?: "fail" | "wait";
}

/**
 * Reads the config document, opens every routed provider, and loads every declared secret.
 * @throws {SecretError} NOT_READY whose `errors` are all problems
 */
export async function ready(client: Client, options: ReadyOptions): Promise<void> {
  const problems = await collect(() => client.start());
  if (client.started !== undefined && problems.length === 0) {
    problems.push(...(await openProviders(client)));
    const loads = [...client.views.values()].map((view) => collect(() => loadView(view, options)));
    for (const found of await Promise.all(loads)) problems.push(...found);
    await Promise.all([...client.previous.values()].map((previous) => previous.loaded));
    problems.push(...(await collect(() => client.derivedReady())));
  }
  const distinct = withoutRepeats(problems);
  const [first] = distinct;
  if (isSecretError(first, "CLOSED")) throw first;
  if (distinct.length > 0) throw notReady(distinct);
  client.isReady = true;
}

/** Fallbacks too: what is missing for one must not surface during an outage. */
async function openProviders(client: Client): Promise<SecretError[]> {
  const { config, providers } = await client.start();
  const routed = new Set(config.routes.flatMap(({ to }) => to));
  for (const binding of config.bindings.values()) {
    const parts = binding.kind === "single" ? [binding.part] : [...binding.fields.values()];
    for (const { provider } of parts) routed.add(provider);
  }
  const opening = [...routed].map((name) => {
    const provider = providers.get(name);
    // An optional one that fails has told so by an event.
    return collect(async () =>
      provider?.open().catch((error: unknown) => (provider.config.optional ? undefined : Promise.reject(error))),
    );
  });
  return (await Promise.all(opening)).flat();
}

async function loadView(view: View<unknown>, { missing, signal }: ReadyOptions): Promise<void> {
  view.keep();
  for (;;) {
    try {
      await view.read();
      return;
    } catch (error) {
      const waits = missing === "wait" && isSecretError(error, "NOT_FOUND") && error.definitive === true;
      if (!waits || signal?.aborted === true) throw error;
      await nextNews(view);
    }
  }
}

/** The view reads an absent secret again and again by itself; this hears of it. */
function nextNews(view: View<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unfollow = view.audience.follow({
    onChange: () => resolve(),
    onError: () => resolve(),
    onStop: () => resolve(),
  });
  return untilAborted(promise, view.context.closed).finally(unfollow);
}

async function collect(work: () => Promise<unknown>): Promise<SecretError[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!isSecretError(error)) throw error;
    return [...(error.errors ?? [error])];
  }
}

/** One broken provider fails every secret behind it in the same words; it is told once. */
function withoutRepeats(problems: readonly SecretError[]): readonly SecretError[] {
  const seen = new Set<string>();
  return problems.filter(({ code, message, provider }) => {
    const key = `${code} ${provider ?? ""} ${message}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function notReady(problems: readonly SecretError[]): SecretError {
  const list = problems.map(({ code, message }) => `\n  - ${code}: ${message}`).join("");
  return new SecretError("NOT_READY", `${problems.length} problem(s) keep the secrets from being ready:${list}`, {
    reason: "not-ready",
    retryable: problems.every(({ retryable }) => retryable),
    errors: problems,
    tip: "Each entry of `errors` says what to do about one of them; `ready()` may be called again.",
  });
}
