import type { Decoder } from "../decode/codec.ts";
import { text } from "../decode/text.ts";
import { atCaller } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import { parseReference } from "../name/reference.ts";
import type { Secret } from "../secret/secret.ts";
import { type Duration, toMilliseconds } from "../time/duration.ts";
import { race } from "../time/race.ts";
import { refresh } from "../view/load.ts";
import type { View } from "../view/view.ts";
import { closed, notReady } from "../view/view-problem.ts";
import type { GetOptions } from "./api.ts";
import type { Client } from "./client.ts";
import { dropContents } from "./drop.ts";
import { isDecoder, type Target, toTarget, unknownAlias } from "./target.ts";

/** The reads of a client. The fast paths of `getSecret` and `latest` only look up a map and a field. */
export interface Reads {
  getSecret(
    name: string,
    second?: Decoder<unknown> | GetOptions,
    third?: GetOptions,
  ): Promise<Secret<unknown> | undefined>;
  latest(alias: string): Secret<unknown> | undefined;
  accepted(alias: string): readonly Secret<unknown>[];
  invalidate(target: string | { readonly name: string }, options?: { readonly drop?: boolean | Secret<unknown> }): void;
  notify(hint: { readonly reference?: string; readonly provider?: string }): void;
  /** Runs work with the signal and timeout of one caller, and keeps the process alive meanwhile. @param what the work, for the message of a timeout */
  bounded<V>(
    work: () => Promise<V>,
    options: { readonly signal?: AbortSignal | undefined; readonly timeout?: Duration },
    what: string,
  ): Promise<V>;
}

/** Creates the reads of a client. @param strict whether only declared aliases may be read */
export function createReads(client: Client, strict: boolean): Reads {
  const { views, undeclared, scheduler } = client;
  const plain = text() as never;
  const audited = client.options.audit.hits === true;
  const hit = ({ name }: View<unknown>): void => {
    if (audited) client.report.emit({ type: "hit", reference: name });
  };

  const getSecret: Reads["getSecret"] = (name, second, third) => {
    if (second === undefined && third === undefined) {
      const view = views.get(name) ?? undeclared.find(name, plain);
      if (view?.cachedRead !== undefined) {
        view.touched = true;
        return view.cachedRead;
      }
    }
    return getSlowly(name, second, third);
  };

  const getSlowly = async (
    name: string,
    second: Decoder<unknown> | GetOptions | undefined,
    third: GetOptions | undefined,
  ): Promise<Secret<unknown> | undefined> => {
    try {
      return await getTarget(name, second, third);
    } catch (error) {
      throw atCaller(error, getSlowly);
    }
  };

  const getTarget = async (
    name: string,
    second: Decoder<unknown> | GetOptions | undefined,
    third: GetOptions | undefined,
  ): Promise<Secret<unknown> | undefined> => {
    if (client.isClosed) throw closed();
    const decoder = isDecoder(second) ? second : undefined;
    // Code in JavaScript may pass undefined as the decoder.
    const options = (decoder === undefined ? ((second as GetOptions | undefined) ?? third) : third) ?? {};
    checkOptions("getSecret", options, getRules);
    const target = toTarget(client, strict, name, decoder);
    const maxAgeMs =
      options.maxAge === undefined
        ? undefined
        : toMilliseconds(options.maxAge, "`maxAge` of getSecret", { zero: true });
    const read = (view: View<unknown>): Promise<Secret<unknown> | undefined> => {
      if (options.freshness === "fresh") return refresh(view);
      if (maxAgeMs === undefined ? isHit(view) : view.renewal.isWithin(maxAgeMs)) hit(view);
      if (maxAgeMs !== undefined) return view.renewal.read(maxAgeMs);
      return view.read();
    };
    return await bounded(() => withView(target, read), options, `"${target.text}"`);
  };

  const withView = async <V>(target: Target, work: (view: View<unknown>) => Promise<V>): Promise<V> => {
    if (target.kind === "reference") return await undeclared.with(target.reference, target.codec, work);
    await client.start();
    const view = views.get(target.alias) as View<unknown>;
    view.startRefresh();
    return await work(view);
  };

  const latest: Reads["latest"] = (alias) => {
    const view = views.get(alias);
    if (view?.cachedRead !== undefined) return view.current;
    try {
      if (view === undefined) throw withoutView(alias);
      return view.latest();
    } catch (error) {
      throw atCaller(error, latest);
    }
  };

  const withoutView = (alias: string): SecretError => {
    if (client.isClosed) return closed();
    const declared = client.options.declarations.get(alias);
    return declared === undefined
      ? unknownAlias(alias, client.options.declarations)
      : notReady(declared.reference.text);
  };

  const accepted: Reads["accepted"] = (alias) => {
    const current = latest(alias);
    return client.previous.get(alias)?.accepted() ?? (current === undefined ? [] : [current]);
  };

  /** Returns the view of an alias, or the views of a reference; a reference without stage and selector has all views of its name. */
  const viewsOf = (target: string | { readonly name: string }): readonly View<unknown>[] => {
    if (client.isClosed) return [];
    const name = typeof target === "string" ? target : target.name;
    if (typeof target === "string") {
      const declared = views.get(target);
      if (declared !== undefined) return [declared];
      if (client.options.declarations.has(target)) return [];
    }
    const reference = parseReference(name);
    return [...client.allViews()].filter((view) =>
      reference.selector === undefined && reference.stage === "current"
        ? view.reference.name === reference.name
        : view.reference.text === reference.text,
    );
  };

  const invalidate: Reads["invalidate"] = (target, options = {}) => {
    checkOptions("invalidate", options, invalidateRules);
    const { drop = false } = options;
    const found = viewsOf(target);
    const name = typeof target === "string" ? target : target.name;
    // A misspelled alias must be an error, because the leaked value would stay in use.
    if (strict && !isDeclared(name, typeof target === "string")) throw unknownAlias(name, client.options.declarations);
    if (drop === false) for (const view of found) view.invalidate();
    else dropContents(client, found, drop, typeof target === "string" && views.has(target));
  };

  /** Returns whether a text is an alias, or a reference with an alias. */
  const isDeclared = (name: string, isAlias: boolean): boolean => {
    const { declarations } = client.options;
    if (isAlias && declarations.has(name)) return true;
    const reference = parseReference(name);
    return [...declarations.values()].some((declared) => declared.reference.name === reference.name);
  };

  const notify: Reads["notify"] = (hint) => {
    checkOptions("notify", hint ?? null, notifyRules);
    const { reference, provider } = hint;
    if (client.isClosed) return;
    const hinted = reference === undefined ? [...client.allViews()] : viewsOf(reference);
    for (const store of new Set(hinted.flatMap((view) => view.source.stores()))) {
      if (provider === undefined || store.provider.name === provider) store.hint();
    }
  };

  const bounded: Reads["bounded"] = async (work, { signal, timeout }, what) => {
    signal?.throwIfAborted();
    const timeoutMs = timeout === undefined ? undefined : toMilliseconds(timeout, "`timeout` of getSecret");
    const onLate = (): never => {
      throw tooSlow(what, timeoutMs as number);
    };
    return await client.whileHeld(race(work(), scheduler, { signals: [signal], afterMs: timeoutMs, onLate }));
  };

  return {
    getSecret: withHits(audited, (name) => plainRead(views.get(name) ?? undeclared.find(name, plain)), hit, getSecret),
    latest: withHits(audited, (name) => served(views.get(name)), hit, latest),
    accepted,
    invalidate,
    notify,
    bounded,
  };
}

const getRules = {
  signal: rules.signal,
  timeout: rules.any,
  maxAge: rules.any,
  freshness: rules.oneOf("cached", "fresh"),
};
const invalidateRules = { drop: rules.any };
const notifyRules = { reference: rules.text, provider: rules.text };

/** Adds the reporting of hits, if enabled. It is decided once, so that the fast path has no branch for it. */
function withHits<A extends readonly unknown[], R>(
  audited: boolean,
  find: (name: string) => View<unknown> | undefined,
  hit: (view: View<unknown>) => void,
  read: (name: string, ...rest: A) => R,
): (name: string, ...rest: A) => R {
  if (!audited) return read;
  return (name, ...rest) => {
    const view = rest.every((each) => each === undefined) ? find(name) : undefined;
    if (view !== undefined) hit(view);
    return read(name, ...rest);
  };
}

/** Returns the view if it can serve without a verdict. */
function plainRead(view: View<unknown> | undefined): View<unknown> | undefined {
  return view?.cachedRead === undefined ? undefined : view;
}

/** Returns the view if it serves a value. */
function served(view: View<unknown> | undefined): View<unknown> | undefined {
  return view !== undefined && "serve" in view.verdict() ? view : undefined;
}

/** Returns whether a read needs no call to the store. */
function isHit(view: View<unknown>): boolean {
  if (view.cachedRead !== undefined) return true;
  const verdict = view.verdict();
  return "serve" in verdict && !verdict.ask;
}

function tooSlow(what: string, timeoutMs: number): SecretError {
  return new SecretError("UNAVAILABLE", `${what} took longer than ${timeoutMs} ms`, { reason: "timeout" });
}
