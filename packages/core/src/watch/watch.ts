import type { SecretError } from "../error/secret-error.ts";
import { type Emit, errorName } from "../events/events.ts";
import { onRejection } from "../events/on-rejection.ts";
import { checkListener } from "../name/check-listener.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import type { Secret } from "../secret/secret.ts";
import { refresh } from "../view/load.ts";
import type { View } from "../view/view.ts";
import { closed, notReady } from "../view/view-problem.ts";
import { ChangeIterator } from "./change-iterator.ts";
import { ListenerLane } from "./listener-lane.ts";
import { type SecretChange, toChange } from "./secret-change.ts";
import type { SecretWatch } from "./secret-watch.ts";

/** What a watch needs of its client. */
export interface WatchHost<T> {
  readonly reference: string;
  readonly emit: Emit;
  /** The view, once the config document is read; the client's closing rejects it. */
  view(): Promise<View<T>>;
  /** Calls back when the view is there, before anything is loaded; at once if it is. Returns what cancels it. */
  whenView(attach: (view: View<T>) => void): () => void;
  /** Keeps the view while it is watched. */
  pin(view: View<T>): () => void;
  whileHeld<V>(work: Promise<V>): Promise<V>;
}

export class Watch<T> {
  readonly ready: Promise<Secret<T> | undefined>;
  /** Called once, when this handle ends. */
  onClose: (() => void) | undefined;
  readonly #host: WatchHost<T>;
  readonly #lanes: Set<ListenerLane<T>> = new Set();
  readonly #iterators: Set<ChangeIterator<T>> = new Set();
  readonly #errorListeners: Set<(error: SecretError) => unknown> = new Set();
  readonly #deleteListeners: Set<(news: undefined) => unknown> = new Set();
  readonly #settle: PromiseWithResolvers<Secret<T> | undefined> = Promise.withResolvers();
  #view: View<T> | undefined;
  #startError: SecretError | undefined;
  #detach: readonly (() => void)[] = [];
  #closed = false;

  constructor(host: WatchHost<T>, signal: AbortSignal | undefined) {
    this.#host = host;
    this.ready = this.#settle.promise;
    this.ready.catch(() => undefined);
    // The view may be there already: what attaching adds must not be overwritten.
    const cancel = host.whenView((view) => this.#attach(view));
    this.#detach = [...this.#detach, cancel];
    host.view().catch((error: SecretError) => this.#failStart(error));
    if (signal?.aborted === true) void this.close();
    const onAbort = (): void => void this.close();
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#detach = [...this.#detach, () => signal?.removeEventListener("abort", onAbort)];
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
    if (this.#closed) throw closed(this.#host.reference);
    if (this.#view === undefined) throw this.#startError ?? notReady(this.#host.reference);
    return this.#view.latest();
  }

  on(
    event: "change" | "error" | "delete",
    listener: (news: never) => unknown,
    options: { initial?: boolean } = {},
  ): () => void {
    checkListener("a watch", watchEvents, event, listener);
    checkOptions("on", options, { initial: rules.flag });
    if (this.#closed) return () => undefined;
    if (event === "error") return added(this.#errorListeners, listener as (error: SecretError) => unknown);
    if (event === "delete") return added(this.#deleteListeners, listener as (news: undefined) => unknown);
    const onFailure = (error: unknown): void => this.#reportFailure("change", error);
    const lane = new ListenerLane(
      listener as (change: SecretChange<T>) => unknown,
      options.initial === true,
      onFailure,
    );
    this.#lanes.add(lane);
    const current = this.#servable();
    if (current !== undefined) lane.begin({ current, reason: "initial" });
    return () => {
      lane.close();
      this.#lanes.delete(lane);
    };
  }

  async refresh(): Promise<Secret<T> | undefined> {
    if (this.#closed) throw closed(this.#host.reference);
    return await this.#host.whileHeld(this.#host.view().then(refresh));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const detach of this.#detach) detach();
    for (const lane of this.#lanes) lane.close();
    for (const iterator of [...this.#iterators]) iterator.end();
    this.#lanes.clear();
    this.#errorListeners.clear();
    this.#deleteListeners.clear();
    this.#settle.reject(closed(this.#host.reference));
    this.onClose?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): ChangeIterator<T> {
    const iterator = new ChangeIterator<T>((ended) => void this.#iterators.delete(ended));
    if (this.#closed) iterator.end();
    else this.#iterators.add(iterator);
    const current = this.#servable();
    if (current !== undefined) iterator.push({ current, reason: "initial" });
    return iterator;
  }

  #attach(view: View<T>): void {
    this.#view = view;
    const stop = view.listeners.add({
      onChange: (current, previous, reason) => this.#onChange(toChange(current, previous, reason)),
      onError: (error) => this.#tell("error", this.#errorListeners, error),
      onDelete: () => this.#tell("delete", this.#deleteListeners, undefined),
      onDrop: (isDropped) => {
        for (const lane of this.#lanes) lane.drop(isDropped);
        for (const iterator of this.#iterators) iterator.drop(isDropped);
      },
      onServing: () => this.#tellInitial(),
    });
    this.#detach = [...this.#detach, stop, this.#host.pin(view)];
    view.read().then(this.#settle.resolve, this.#settle.reject);
  }

  /** What a handle that comes now is told first. */
  #servable(): Secret<T> | undefined {
    const verdict = this.#view?.verdict();
    return verdict !== undefined && "serve" in verdict ? verdict.serve : undefined;
  }

  /** Who came while nothing could be served is told now. */
  #tellInitial(): void {
    const current = this.#servable();
    if (current === undefined) return;
    for (const lane of [...this.#lanes]) if (!lane.hasBegun) lane.push({ current, reason: "initial" });
    for (const iterator of [...this.#iterators]) if (!iterator.hasBegun) iterator.push({ current, reason: "initial" });
  }

  #onChange(change: SecretChange<T>): void {
    // A listener may drop the value while it is told: those after it must not get it.
    const isOver = (): boolean => this.#view?.current !== change.current;
    for (const receiver of [...this.#lanes, ...this.#iterators]) if (!isOver()) receiver.push(change);
  }

  #failStart(error: SecretError): void {
    if (this.#view !== undefined || this.#closed) return;
    this.#startError = error;
    this.#settle.reject(error);
    this.#tell("error", this.#errorListeners, error);
  }

  #tell<N>(event: string, listeners: ReadonlySet<(news: N) => unknown>, news: N): void {
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue;
      try {
        const result = listener(news);
        onRejection(result, (error) => this.#reportFailure(event, error));
      } catch (error) {
        this.#reportFailure(event, error);
      }
    }
  }

  #reportFailure(event: string, error: unknown): void {
    this.#host.emit({ type: "listener-failed", reference: this.#host.reference, event, name: errorName(error) });
  }
}

const watchEvents = ["change", "error", "delete"];

/** An entry of its own, so that adding the same function twice gives two subscriptions. */
function added<N>(listeners: Set<(news: N) => unknown>, listener: (news: N) => unknown): () => void {
  const entry = (news: N): unknown => listener(news);
  listeners.add(entry);
  return () => void listeners.delete(entry);
}
