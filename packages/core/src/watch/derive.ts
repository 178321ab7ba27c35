import { atCallerOf } from "../error/at-caller.ts";
import { detailsOf, type ErrorDetails } from "../error/error-details.ts";
import { isSecretError, type SecretError } from "../error/secret-error.ts";
import { type Emit, failureOf } from "../events/events.ts";
import { hasSameValue, type Secret, type SnapshotSecret } from "../secret/secret.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";
import { untilAborted } from "../time/until-aborted.ts";
import type { AdmissionStep, Prepared } from "../view/admission-step.ts";
import { refusedBy } from "../view/refusals.ts";
import type { View } from "../view/view.ts";
import { closed, notReady } from "../view/view-problem.ts";
import type { Derived, DeriveOptions } from "./derived.ts";

/** A resource, and the Secret for which it was opened. */
interface Opened<T, R> {
  readonly resource: R;
  readonly secret: Secret<T>;
}

/** A resource for each value. It is a step of the admission of a view, so that a value becomes current only with its resource. */
export class DerivedResource<T, R> implements Derived<R>, AdmissionStep<T> {
  /** Called once, when this handle closes. */
  onClose: (() => void) | undefined;
  readonly #reference: string;
  readonly #options: DeriveOptions<T, R>;
  readonly #graceMs: number;
  readonly #scheduler: Scheduler;
  readonly #emit: Emit;
  readonly #settle: PromiseWithResolvers<R> = Promise.withResolvers();
  /** replaced resource -> the task that will close it */
  readonly #retired: Map<Opened<T, R>, Task> = new Map();
  readonly #ending = new AbortController();
  #current: Opened<T, R> | undefined;
  #view: View<T> | undefined;
  #detach: readonly (() => void)[] = [];
  /** The reason why the current value has no resource. */
  #problem: SecretError | undefined;

  constructor(reference: string, options: DeriveOptions<T, R>, graceMs: number, scheduler: Scheduler, emit: Emit) {
    this.#reference = reference;
    this.#options = options;
    this.#graceMs = graceMs;
    this.#scheduler = scheduler;
    this.#emit = emit;
    this.ready.catch(() => undefined);
  }

  get ready(): Promise<R> {
    return this.#settle.promise;
  }

  get current(): R {
    try {
      if (this.#ending.signal.aborted) throw closed(this.#reference);
      this.#view?.latest();
      if (this.#current === undefined) throw notReady(this.#reference, this.#problem);
      return this.#current.resource;
    } catch (error) {
      throw atCallerOf(error as SecretError);
    }
  }

  /** Waits for the resource of the current value, if there is one, for `ready()`. @throws {SecretError} REFUSED */
  async opened(): Promise<void> {
    this.#view?.complete();
    await this.#view?.idle;
    await this.#view?.completing;
    if (this.#problem !== undefined) throw this.#problem;
  }

  /** Attaches to the view: a resource for a current value is opened now, and later values become current only with one. */
  attach(view: View<T>, release: () => void): void {
    this.#view = view;
    const stop = view.listeners.add({
      onDelete: () => this.#onDelete(),
      onDrop: (isDropped) => this.#onDrop(isDropped),
      onServing: () => view.complete(),
    });
    this.#detach = [view.listeners.addStep(this), stop, release];
    view.complete();
  }

  // Implementation of `AdmissionStep`

  needs(current: Secret<T>): boolean {
    if (this.#ending.signal.aborted) return false;
    const opened = this.#current?.secret;
    return opened === undefined || !hasSameValue(opened, current);
  }

  async prepare(next: Secret<T>, _previous: Secret<T> | undefined, signal: AbortSignal): Promise<Prepared> {
    const opening = this.#open(next, signal);
    try {
      const resource = await untilAborted(opening, this.#ending.signal);
      return {
        commit: () => this.#replace({ resource, secret: next }),
        rollback: () => void this.#closeQuietly(resource),
      };
    } catch (error) {
      if (!this.#ending.signal.aborted) throw error;
      // A closed handle does not prevent the new value from becoming current.
      opening.then((late) => this.#closeQuietly(late)).catch(() => undefined);
      return { commit: () => undefined, rollback: () => undefined };
    }
  }

  onFailed(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    const why =
      isSecretError(error, "REFUSED") && error.reference === this.#reference
        ? error
        : refusedBy(this.#reference, error, "open", this.#words);
    this.#problem = why;
    this.#report("open", error, detailsOf(why));
  }

  async close(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort(closed(this.#reference));
    for (const detach of this.#detach) detach();
    this.onClose?.();
    this.#settle.reject(closed(this.#reference));
    const resources = [...this.#retired.keys(), ...(this.#current === undefined ? [] : [this.#current])];
    for (const task of this.#retired.values()) this.#scheduler.cancel(task);
    this.#retired.clear();
    this.#current = undefined;
    await Promise.all(resources.map(({ resource }) => this.#closeQuietly(resource)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #words = (text: string): string | undefined => this.#view?.words(text);

  /** Calls `open`, which may throw before it returns a promise. */
  async #open(next: Secret<T>, signal: AbortSignal): Promise<R> {
    return await this.#options.open(next, signal);
  }

  #replace(next: Opened<T, R>): void {
    if (this.#ending.signal.aborted) return void this.#closeQuietly(next.resource);
    const old = this.#current;
    this.#current = next;
    this.#problem = undefined;
    this.#settle.resolve(next.resource);
    if (old !== undefined) this.#retire(old);
  }

  #retire(old: Opened<T, R>): void {
    const task = this.#scheduler.after(this.#graceMs, () => {
      this.#retired.delete(old);
      void this.#closeQuietly(old.resource);
    });
    this.#retired.set(old, task);
  }

  /** Retires the resource after the deletion of an optional secret. */
  #onDelete(): void {
    if (this.#view?.current !== undefined || this.#current === undefined) return;
    this.#retire(this.#current);
    this.#current = undefined;
  }

  /** Closes the resources of dropped values immediately. */
  #onDrop(isDropped: (secret: SnapshotSecret<T>) => boolean): void {
    for (const [opened, task] of this.#retired) {
      if (!isDropped(opened.secret as SnapshotSecret<T>)) continue;
      this.#scheduler.cancel(task);
      this.#retired.delete(opened);
      void this.#closeQuietly(opened.resource);
    }
    const current = this.#current;
    if (current === undefined || !isDropped(current.secret as SnapshotSecret<T>)) return;
    this.#current = undefined;
    void this.#closeQuietly(current.resource);
  }

  async #closeQuietly(resource: R): Promise<void> {
    try {
      await this.#options.close?.(resource);
    } catch (error) {
      this.#report("close", error);
    }
  }

  #report(event: string, error: unknown, details?: ErrorDetails): void {
    this.#emit({
      type: "listener-failed",
      reference: this.#reference,
      event: `derive.${event}`,
      ...failureOf(error),
      ...details,
    });
  }
}
