import { type Emit, errorName } from "../report/events.ts";
import type { Secret } from "../secret/secret.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";
import { type Gatekeeper, type Prepared, untilAborted } from "../view/admission.ts";
import type { View } from "../view/view.ts";
import { closed, notReady } from "../view/view-problem.ts";

/** How a resource is made from a secret. */
export interface DeriveOptions<T, R> {
  /** Opens a resource for a value that is about to be adopted; a failure keeps the old value and the old resource. */
  open(secret: Secret<T>, signal: AbortSignal): R | Promise<R>;
  /** Closes one that was replaced, or that will not be used. */
  close?(resource: R): unknown;
  /** How long a replaced resource stays open for work in progress, in milliseconds; default 30,000. */
  readonly graceMs?: number;
}

/** One resource per adopted value of a secret: a connection pool, a TLS context. */
export interface Derived<R> extends AsyncDisposable {
  /** @throws {SecretError} NOT_READY before the first is open, or the code of what forbids serving its secret */
  readonly current: R;
  readonly ready: Promise<R>;
  /** Closes every resource of this handle. */
  close(): Promise<void>;
}

const defaultGraceMs = 30_000;
const openDeadlineMs = 10_000;

export class DerivedResource<T, R> implements Derived<R>, Gatekeeper<T> {
  /** Called once, when this handle ends. */
  onClose: (() => void) | undefined;
  readonly #reference: string;
  readonly #options: DeriveOptions<T, R>;
  readonly #scheduler: Scheduler;
  readonly #emit: Emit;
  readonly #settle: PromiseWithResolvers<R> = Promise.withResolvers();
  /** replaced resource -> the task that will close it */
  readonly #retired: Map<{ readonly resource: R }, Task> = new Map();
  readonly #ending = new AbortController();
  #current: { readonly resource: R } | undefined;
  #view: View<T> | undefined;
  #detach: readonly (() => void)[] = [];
  #failures = 0;

  constructor(reference: string, options: DeriveOptions<T, R>, scheduler: Scheduler, emit: Emit) {
    this.#reference = reference;
    this.#options = options;
    this.#scheduler = scheduler;
    this.#emit = emit;
    this.ready.catch(() => undefined);
  }

  get ready(): Promise<R> {
    return this.#settle.promise;
  }

  get current(): R {
    if (this.#ending.signal.aborted) throw closed(this.#reference);
    if (this.#view?.block !== undefined) throw this.#view.block;
    if (this.#current === undefined) throw notReady(this.#reference);
    return this.#current.resource;
  }

  /** What `ready()` awaits: a resource for the value that stands, if one stands. */
  opened(): Promise<unknown> {
    return this.#view?.adopted === undefined ? Promise.resolve() : this.ready;
  }

  /** Joins the view: the next value is adopted only with a resource; one is opened now for a value that stands already. */
  attach(view: View<T>, release: () => void): void {
    this.#view = view;
    const unfollow = view.audience.follow({ onDelete: () => this.#onDelete() });
    this.#detach = [view.audience.guard(this), unfollow, release];
    if (view.adopted !== undefined) void this.#openFor(view);
  }

  async prepare(next: Secret<T>, _previous: Secret<T> | undefined, signal: AbortSignal): Promise<Prepared> {
    const resource = await this.#options.open(next, signal);
    return {
      commit: () => this.#replace({ resource }),
      rollback: () => void this.#closeQuietly(resource),
    };
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

  /** For a value adopted before this handle came. A newer value makes its own resource, so this one would be late. */
  async #openFor(view: View<T>): Promise<void> {
    const { adopted } = view;
    if (adopted === undefined || this.#current !== undefined || this.#ending.signal.aborted) return;
    const controller = new AbortController();
    const deadline = this.#scheduler.after(openDeadlineMs, () => controller.abort(notReady(this.#reference)));
    const preparing = this.prepare(adopted, undefined, controller.signal);
    try {
      const prepared = await untilAborted(untilAborted(preparing, controller.signal), this.#ending.signal);
      if (this.#current !== undefined || this.#ending.signal.aborted) prepared.rollback();
      else prepared.commit();
    } catch (error) {
      void preparing.then((late) => late.rollback()).catch(() => undefined);
      this.#retry(view, error);
    } finally {
      this.#scheduler.cancel(deadline);
    }
  }

  #retry(view: View<T>, error: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#report("open", error);
    this.#failures += 1;
    this.#scheduler.after(backoffMs(this.#failures, this.#scheduler.random), () => void this.#openFor(view));
  }

  #replace(next: { readonly resource: R }): void {
    if (this.#ending.signal.aborted) return void this.#closeQuietly(next.resource);
    const old = this.#current;
    this.#current = next;
    this.#settle.resolve(next.resource);
    if (old !== undefined) this.#retire(old);
  }

  #retire(old: { readonly resource: R }): void {
    const task = this.#scheduler.after(this.#options.graceMs ?? defaultGraceMs, () => {
      this.#retired.delete(old);
      void this.#closeQuietly(old.resource);
    });
    this.#retired.set(old, task);
  }

  /** An optional secret that is gone leaves no value to have a resource for. */
  #onDelete(): void {
    if (this.#view?.adopted !== undefined || this.#current === undefined) return;
    this.#retire(this.#current);
    this.#current = undefined;
  }

  async #closeQuietly(resource: R): Promise<void> {
    try {
      await this.#options.close?.(resource);
    } catch (error) {
      this.#report("close", error);
    }
  }

  #report(event: string, error: unknown): void {
    this.#emit({
      type: "listener-failed",
      reference: this.#reference,
      event: `derive.${event}`,
      name: errorName(error),
    });
  }
}
