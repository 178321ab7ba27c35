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

/** A resource and what it was opened for. */
interface Opened<T, R> {
  readonly resource: R;
  readonly secret: Secret<T>;
}

/** One resource per value: a step of the view's admission, so that a value is taken over only with its resource. */
export class DerivedResource<T, R> implements Derived<R>, AdmissionStep<T> {
  /** Called once, when this handle ends. */
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
  /** Why the current value has no resource. */
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

  /** What `ready()` awaits: a resource for the value that stands, if one stands. @throws {SecretError} REFUSED */
  async opened(): Promise<void> {
    this.#view?.complete();
    await this.#view?.idle;
    await this.#view?.completing;
    if (this.#problem !== undefined) throw this.#problem;
  }

  /** Joins the view: the next value is taken over only with a resource; one is opened now for a value that stands already. */
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

  // As a step of its view's admission

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
      // A handle that is closed keeps nobody else from the new value.
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

  /** `open` may throw before it returns a promise. */
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

  /** An optional secret that is gone leaves no value to have a resource for. */
  #onDelete(): void {
    if (this.#view?.current !== undefined || this.#current === undefined) return;
    this.#retire(this.#current);
    this.#current = undefined;
  }

  /** What was opened for a value that leaked is closed at once. */
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
