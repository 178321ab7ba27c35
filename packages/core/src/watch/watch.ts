import { atCallerOf } from "../error/at-caller.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { Emit } from "../events/events.ts";
import { checkListener } from "../name/check-listener.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import type { Secret } from "../secret/secret.ts";
import { refresh } from "../view/load.ts";
import type { View } from "../view/view.ts";
import { closed, notReady } from "../view/view-problem.ts";
import type { ChangeIterator } from "./change-iterator.ts";
import type { SecretChange } from "./secret-change.ts";
import type { SecretWatch } from "./secret-watch.ts";
import { WatchListeners } from "./watch-listeners.ts";

/** The part of a client that a watch needs. */
export interface WatchHost<T> {
  readonly reference: string;
  readonly emit: Emit;
  /** Returns the view once the config document is read; rejects with CLOSED when the client closes. */
  view(): Promise<View<T>>;
  /** Calls back when the view exists, before it loads; immediately if it exists. Returns a function that cancels the callback. */
  whenView(attach: (view: View<T>) => void): () => void;
  /** Prevents the eviction of the view while it is watched. */
  pin(view: View<T>): void;
  unpin(view: View<T>): void;
  whileHeld<V>(work: Promise<V>): Promise<V>;
  /** Called when the handle has closed. */
  onClose(watch: Watch<T>): void;
}

/** A live handle. There may be one per secret, so rarely used parts are created on demand. */
export class Watch<T> {
  readonly ready: Promise<Secret<T> | undefined>;
  readonly #host: WatchHost<T>;
  readonly #listeners: WatchListeners<T>;
  /** Undefined once `ready` has settled. */
  #settle: PromiseWithResolvers<Secret<T> | undefined> | undefined;
  #startError: SecretError | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(host: WatchHost<T>, signal: AbortSignal | undefined) {
    this.#host = host;
    this.#listeners = new WatchListeners(host.reference, host.emit);
    const settle = Promise.withResolvers<Secret<T> | undefined>();
    this.#settle = settle;
    this.ready = settle.promise;
    this.ready.catch(() => undefined);
    const cancel = host.whenView((view) => this.#attach(view));
    // If the view exists, there is nothing to cancel.
    if (this.#view === undefined) this.#cancel = cancel;
    host.view().catch((error: SecretError) => this.#failStart(error));
    if (signal?.aborted === true) void this.close();
    else if (signal !== undefined) this.#closeWith(signal);
  }

  get state(): SecretWatch["state"] {
    const view = this.#view;
    if (this.#closed) return "closed";
    if (view?.isNotFound === true) return "deleted";
    if (view === undefined || (view.current === undefined && !view.isDropped)) return "starting";
    return view.lastError === undefined && "serve" in view.verdict() ? "live" : "stale";
  }

  get lastError(): SecretError | undefined {
    if (this.#view === undefined) return this.#startError;
    const verdict = this.#view.verdict();
    if (this.#view.lastError !== undefined || !("error" in verdict)) return this.#view.lastError;
    return verdict.error.reason === "not-loaded" ? undefined : verdict.error;
  }

  get ageMs(): number {
    return this.#view?.ageMs ?? 0;
  }

  get latest(): Secret<T> | undefined {
    try {
      if (this.#closed) throw closed(this.#host.reference);
      if (this.#view === undefined) throw this.#startError ?? notReady(this.#host.reference);
      return this.#view.latest();
    } catch (error) {
      throw atCallerOf(error as SecretError);
    }
  }

  on(
    event: "change" | "error" | "delete",
    listener: (news: never) => unknown,
    options: { initial?: boolean } = {},
  ): () => void {
    checkListener("a watch", watchEvents, event, listener);
    checkOptions("on", options, { initial: rules.flag });
    if (this.#closed) return () => undefined;
    if (event === "error") return this.#listeners.addError(listener as (error: SecretError) => unknown);
    if (event === "delete") return this.#listeners.addDelete(listener as (news: undefined) => unknown);
    return this.#listeners.addChange(listener as (change: SecretChange<T>) => unknown, options.initial === true);
  }

  async refresh(): Promise<Secret<T> | undefined> {
    if (this.#closed) throw atCallerOf(closed(this.#host.reference));
    return await this.#host.whileHeld(this.#host.view().then(refresh));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel?.();
    if (this.#view !== undefined) {
      this.#view.listeners.remove(this.#listeners);
      this.#host.unpin(this.#view);
    }
    this.#listeners.close();
    this.#settle?.reject(closed(this.#host.reference));
    this.#host.onClose(this);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): ChangeIterator<T> {
    return this.#listeners.addIterator(this.#closed);
  }

  get #view(): View<T> | undefined {
    return this.#listeners.view;
  }

  #attach(view: View<T>): void {
    this.#listeners.view = view;
    view.listeners.add(this.#listeners);
    this.#host.pin(view);
    const settled = (): void => {
      this.#settle = undefined;
    };
    view.read().then(this.#settle?.resolve, this.#settle?.reject).then(settled);
  }

  #failStart(error: SecretError): void {
    if (this.#view !== undefined || this.#closed) return;
    this.#startError = error;
    this.#settle?.reject(error);
    this.#listeners.onError(error);
  }

  #closeWith(signal: AbortSignal): void {
    const onAbort = (): void => void this.close();
    signal.addEventListener("abort", onAbort, { once: true });
    const cancel = this.#cancel;
    this.#cancel = () => {
      cancel?.();
      signal.removeEventListener("abort", onAbort);
    };
  }
}

const watchEvents = ["change", "error", "delete"];
