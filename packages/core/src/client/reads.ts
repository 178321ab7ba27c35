import type { Decoder } from "../decode/codec.ts";
import { text } from "../decode/text.ts";
import { SecretError } from "../error/secret-error.ts";
import { parseReference } from "../name/reference.ts";
import type { Secret } from "../secret/secret.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { refresh } from "../view/load.ts";
import type { View } from "../view/view.ts";
import { closed, notReady } from "../view/view-problem.ts";
import type { GetOptions } from "./api.ts";
import type { Client } from "./client.ts";
import { isDecoder, type Target, toTarget, unknownAlias } from "./target.ts";

/** The reads of one client. The two that run per request, `getSecret` and `latest`, look up a map and a field. */
export interface Reader {
  getSecret(
    name: string,
    second?: Decoder<unknown> | GetOptions,
    third?: GetOptions,
  ): Promise<Secret<unknown> | undefined>;
  latest(alias: string): Secret<unknown> | undefined;
  accepted(alias: string): readonly Secret<unknown>[];
  invalidate(name: string, options?: { readonly drop?: boolean }): void;
  notify(hint: { readonly reference?: string; readonly provider?: string }): void;
  /** Runs work with one caller's signal and timeout, keeping the process alive meanwhile. */
  bounded<V>(
    work: () => Promise<V>,
    options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number },
    what: string,
  ): Promise<V>;
}

export function createReader(client: Client, strict: boolean): Reader {
  const { views, undeclared, scheduler } = client;
  const plain = text() as never;
  const audited = client.options.audit.hits === true;
  const hit = ({ name }: View<unknown>): void => {
    if (audited) client.report.emit({ type: "hit", reference: name });
  };

  const getSecret: Reader["getSecret"] = (name, second, third) => {
    if (second === undefined) {
      const view = views.get(name) ?? undeclared.find(name, plain);
      if (view?.kept !== undefined) {
        view.touched = true;
        return view.kept;
      }
    }
    return getSlowly(name, second, third);
  };

  const getSlowly = async (
    name: string,
    second: Decoder<unknown> | GetOptions | undefined,
    third: GetOptions | undefined,
  ): Promise<Secret<unknown> | undefined> => {
    if (client.isClosed) throw closed();
    const decoder = isDecoder(second) ? second : undefined;
    const options = (decoder === undefined ? (second as GetOptions | undefined) : third) ?? {};
    const target = toTarget(client, strict, name, decoder);
    const read = (view: View<unknown>): Promise<Secret<unknown> | undefined> => {
      if (options.freshness === "fresh") return refresh(view);
      if (view.kept !== undefined) hit(view);
      return view.read();
    };
    return await bounded(() => withView(target, read), options, `"${target.text}"`);
  };

  const withView = async <V>(target: Target, work: (view: View<unknown>) => Promise<V>): Promise<V> => {
    if (target.kind === "reference") return await undeclared.with(target.reference, target.codec, work);
    await client.start();
    const view = views.get(target.alias) as View<unknown>;
    view.keep();
    return await work(view);
  };

  const latest: Reader["latest"] = (alias) => {
    const view = views.get(alias);
    if (view === undefined) throw withoutView(alias);
    return view.block === undefined && view.adopted !== undefined ? view.adopted : view.latest();
  };

  const withoutView = (alias: string): SecretError => {
    if (client.isClosed) return closed();
    const declared = client.options.declarations.get(alias);
    return declared === undefined
      ? unknownAlias(alias, [...client.options.declarations.keys()])
      : notReady(declared.reference.text);
  };

  const accepted: Reader["accepted"] = (alias) => {
    const current = latest(alias);
    return client.previous.get(alias)?.accepted() ?? (current === undefined ? [] : [current]);
  };

  const viewsOf = (name: string): readonly View<unknown>[] => {
    if (client.isClosed) return [];
    const declared = views.get(name);
    if (declared !== undefined) return [declared];
    if (client.options.declarations.has(name)) return [];
    const reference = parseReference(name);
    return [...client.allViews()].filter((view) =>
      reference.selector === undefined && reference.stage === "current"
        ? view.reference.name === reference.name
        : view.reference.text === reference.text,
    );
  };

  const invalidate: Reader["invalidate"] = (name, { drop = false } = {}) => {
    const found = viewsOf(name);
    // A leaked value that stays in use because of a misspelled alias must not go unnoticed.
    if (strict && !isDeclared(name)) throw unknownAlias(name, [...client.options.declarations.keys()]);
    for (const view of found) {
      if (!drop) {
        view.invalidate();
        continue;
      }
      const alias = [...views].find(([, candidate]) => candidate === view)?.[0];
      view.drop(alias === undefined ? undefined : client.previous.get(alias)?.drop());
    }
  };

  /** As an alias, or as a reference that has an alias. */
  const isDeclared = (name: string): boolean => {
    const { declarations } = client.options;
    if (declarations.has(name)) return true;
    const reference = parseReference(name);
    return [...declarations.values()].some((declared) => declared.reference.name === reference.name);
  };

  const notify: Reader["notify"] = ({ reference, provider }) => {
    if (client.isClosed) return;
    const hinted = reference === undefined ? [...client.allViews()] : viewsOf(reference);
    for (const entry of new Set(hinted.flatMap((view) => view.source.leaves()))) {
      if (provider === undefined || entry.provider.name === provider) entry.nudge();
    }
    // What nothing keeps fresh asks when it is read next.
    for (const view of hinted) if (!view.isKept) view.arm();
  };

  const bounded: Reader["bounded"] = async (work, { signal, timeoutMs }, what) => {
    signal?.throwIfAborted();
    if (timeoutMs !== undefined && !(timeoutMs > 0)) throw invalidTimeout();
    const ending = new AbortController();
    const timer =
      timeoutMs === undefined ? undefined : scheduler.after(timeoutMs, () => ending.abort(tooSlow(what, timeoutMs)));
    try {
      const running = untilAborted(work(), ending.signal);
      return await client.whileHeld(signal === undefined ? running : untilAborted(running, signal));
    } finally {
      if (timer !== undefined) scheduler.cancel(timer);
    }
  };

  return {
    getSecret: withHits(audited, (name) => views.get(name) ?? undeclared.find(name, plain), hit, getSecret),
    latest: withHits(audited, (name) => views.get(name), hit, latest),
    accepted,
    invalidate,
    notify,
    bounded,
  };
}

/** Decided once, so that without the audit the fast path has no branch for it. */
function withHits<A extends readonly unknown[], R>(
  audited: boolean,
  find: (name: string) => View<unknown> | undefined,
  hit: (view: View<unknown>) => void,
  read: (name: string, ...rest: A) => R,
): (name: string, ...rest: A) => R {
  if (!audited) return read;
  return (name, ...rest) => {
    const view = rest[0] === undefined ? find(name) : undefined;
    if (view?.kept !== undefined) hit(view);
    return read(name, ...rest);
  };
}

function tooSlow(what: string, timeoutMs: number): SecretError {
  return new SecretError("UNAVAILABLE", `${what} took longer than ${timeoutMs} ms`, { reason: "timeout" });
}

export function invalidTimeout(): SecretError {
  return new SecretError("INVALID_CONFIG", "`timeoutMs` must be a number of milliseconds above zero", {
    reason: "option",
  });
}
