import type { SecretError } from "../error/secret-error.ts";
import type { ChangeReason } from "../events/change-reason.ts";
import { type Emit, failureOf } from "../events/events.ts";
import { onRejection } from "../events/on-rejection.ts";
import { listOf, type OneOrMany, withOne, withoutOne } from "../events/one-or-many.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import { isBannedSecret } from "../view/contents.ts";
import type { Listener } from "../view/listeners.ts";
import type { View } from "../view/view.ts";
import { ChangeIterator } from "./change-iterator.ts";
import { type ChangeListener, ListenerLane } from "./listener-lane.ts";
import { type SecretChange, toChange, withoutDropped } from "./secret-change.ts";

/** The listeners and iterators of a watch. They are independent: a slow one does not delay the others, and an error does not affect them. */
export class WatchListeners<T> implements Listener<T> {
  /** The view, which is set once the config document is read. */
  view: View<T> | undefined;
  readonly #reference: string;
  readonly #emit: Emit;
  #lanes: OneOrMany<ListenerLane<T>>;
  #iterators: Set<ChangeIterator<T>> | undefined;
  #errorListeners: Set<(error: SecretError) => unknown> | undefined;
  #deleteListeners: Set<(news: undefined) => unknown> | undefined;

  constructor(reference: string, emit: Emit) {
    this.#reference = reference;
    this.#emit = emit;
  }

  addChange(listener: ChangeListener<T>, wantsInitial: boolean): () => void {
    const lane = new ListenerLane(listener, wantsInitial, this);
    this.#lanes = withOne(this.#lanes, lane);
    const current = this.servable();
    if (current !== undefined) lane.begin({ current, reason: "initial" });
    return () => {
      lane.close();
      this.#lanes = withoutOne(this.#lanes, lane);
    };
  }

  addError(listener: (error: SecretError) => unknown): () => void {
    this.#errorListeners ??= new Set();
    return added(this.#errorListeners, listener);
  }

  addDelete(listener: (news: undefined) => unknown): () => void {
    this.#deleteListeners ??= new Set();
    return added(this.#deleteListeners, listener);
  }

  addIterator(isClosed: boolean): ChangeIterator<T> {
    const iterator = new ChangeIterator<T>(this);
    if (isClosed) iterator.end();
    else {
      this.#iterators ??= new Set();
      this.#iterators.add(iterator);
    }
    const current = this.servable();
    if (current !== undefined) iterator.push({ current, reason: "initial" });
    return iterator;
  }

  close(): void {
    for (const lane of listOf(this.#lanes)) lane.close();
    for (const iterator of [...(this.#iterators ?? [])]) iterator.end();
    this.#lanes = undefined;
    this.#errorListeners?.clear();
    this.#deleteListeners?.clear();
  }

  // Implementation of `Listener`

  onChange(
    current: SnapshotSecret<T>,
    previous: SnapshotSecret<T> | undefined,
    reason: ChangeReason,
    hasAppeared: boolean,
  ): void {
    const change = toChange(current, previous, reason);
    // A listener may drop the value, or the previous one; later listeners must not receive a dropped value.
    const { view } = this;
    const isDropped = (secret: SnapshotSecret<T>): boolean => view !== undefined && isBannedSecret(view, secret);
    for (const receiver of this.#receivers()) {
      if (view?.current !== current) return;
      const left = withoutDropped(change, isDropped);
      if (left !== undefined) receiver.push(left, hasAppeared);
    }
  }

  onError(error: SecretError): void {
    this.#notify("error", this.#errorListeners, error);
  }

  onDelete(): void {
    this.#notify("delete", this.#deleteListeners, undefined);
  }

  onDrop(isDropped: (secret: SnapshotSecret<T>) => boolean): void {
    for (const receiver of this.#receivers()) receiver.drop(isDropped);
  }

  /** Delivers pending changes, and the current value to listeners that have received none, when serving begins again. */
  onServing(): void {
    const current = this.servable();
    if (current === undefined) return;
    for (const receiver of this.#receivers()) {
      if (receiver.hasBegun) receiver.resume();
      else receiver.push({ current, reason: "initial" });
    }
  }

  // Implementation of the hosts of lanes and iterators

  servable(): SecretChange<T>["current"] | undefined {
    const verdict = this.view?.verdict();
    if (verdict !== undefined && "serve" in verdict) return verdict.serve;
    // The value may have expired unnoticed. The view must know that, because `onServing` is called only after a reported end.
    this.view?.tellServing();
    return undefined;
  }

  onEnd(iterator: ChangeIterator<T>): void {
    this.#iterators?.delete(iterator);
  }

  onFailure(error: unknown): void {
    this.#reportFailure("change", error);
  }

  /** Returns an array that does not change while listeners are called, since they may add or remove others. */
  #receivers(): readonly (ListenerLane<T> | ChangeIterator<T>)[] {
    const lanes = listOf(this.#lanes);
    return this.#iterators === undefined ? lanes : [...lanes, ...this.#iterators];
  }

  #notify<N>(event: string, listeners: ReadonlySet<(news: N) => unknown> | undefined, news: N): void {
    for (const listener of [...(listeners ?? [])]) {
      if (listeners?.has(listener) !== true) continue;
      try {
        const result = listener(news);
        onRejection(result, (error) => this.#reportFailure(event, error));
      } catch (error) {
        this.#reportFailure(event, error);
      }
    }
  }

  #reportFailure(event: string, error: unknown): void {
    this.#emit({ type: "listener-failed", reference: this.#reference, event, ...failureOf(error) });
  }
}

/** Adds a listener in a new entry, so that the same function can be added twice. */
function added<N>(listeners: Set<(news: N) => unknown>, listener: (news: N) => unknown): () => void {
  const entry = (news: N): unknown => listener(news);
  listeners.add(entry);
  return () => void listeners.delete(entry);
}
