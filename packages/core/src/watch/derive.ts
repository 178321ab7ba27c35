import { SecretError } from "../error/secret-error.ts";
import { type Emit, errorName } from "../events/events.ts";
import type { Secret } from "../secret/secret.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";
import { untilAborted } from "../time/until-aborted.ts";
import type { Gatekeeper, Prepared } from "../view/admission.ts";
import type { View } from "../view/view.ts";
import { closed, notReady } from "../view/view-problem.ts";
import type { Derived, DeriveOptions } from "./derived.ts";

const defaultGraceMs = 30_000;
const openDeadlineMs = 10_000;

/** A resource and what it was opened for. */
interface Opened<T, R> {
  readonly resource: R;
  readonly secret: Secret<T>;
}

export class DerivedResource<T, R> implements Derived<R>, Gatekeeper<T> {
  /** Called once, when this handle ends. */
  onClose: (() => void) | undefined;
  readonly #reference: string;
  readonly #options: DeriveOptions<T, R>;
  readonly #scheduler: Scheduler;
  readonly #emit: Emit;
  readonly #settle: PromiseWithResolvers<R> = Promise.withResolvers();
  /** replaced resource -> the task that will close it */
  readonly #retired: Map<Opened<T, R>, Task> = new Map();
  readonly #ending = new AbortController();
  #current: Opened<T, R> | undefined;
  #view: View<T> | undefined;
  #detach: readonly (() => void)[] = [];
  /** Opening for a value that was adopted without this handle; never rejects. */
  #opening: Promise<void> | undefined;
  #problem: SecretError | undefined;
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

  /** What `ready()` awaits: a resource for the value that stands, if one stands. @throws {SecretError} INVALID_VALUE/refused */
  async opened(): Promise<void> {
    this.#catchUp();
    await this.#opening;
    if (this.#problem !== undefined) throw this.#problem;
  }

  /** Joins the view: the next value is adopted only with a resource; one is opened now for a value that stands already. */
  attach(view: View<T>, release: () => void): void {
    this.#view = view;
    const unfollow = view.audience.follow({ onChange: () => this.#catchUp(), onDelete: () => this.#onDelete() });
    this.#detach = [view.audience.guard(this), unfollow, release];
    this.#catchUp();
  }

  async prepare(next: Secret<T>, _previous: Secret<T> | undefined, signal: AbortSignal): Promise<Prepared> {
    const resource = await this.#options.open(next, signal);
    return {
      commit: () => this.#replace({ resource, secret: next }),
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

  /** For a value adopted without this handle: before it came, or while others were opening for it. */
  #catchUp(): void {
    if (this.#opening !== undefined || this.#missing() === undefined) return;
    this.#opening = this.#openMissing().finally(() => {
      this.#opening = undefined;
    });
  }

  /** The adopted value that has no resource yet. */
  #missing(): Secret<T> | undefined {
    const adopted = this.#view?.adopted;
    if (adopted === undefined || this.#ending.signal.aborted) return undefined;
    return this.#current?.secret.equals(adopted) === true ? undefined : adopted;
  }

  async #openMissing(): Promise<void> {
    for (let secret = this.#missing(); secret !== undefined; secret = this.#missing()) {
      const controller = new AbortController();
      const deadline = this.#scheduler.after(openDeadlineMs, () => controller.abort(notReady(this.#reference)));
      const preparing = this.prepare(secret, undefined, controller.signal);
      try {
        const prepared = await untilAborted(untilAborted(preparing, controller.signal), this.#ending.signal);
        // A newer value makes its own resource, so this one would be late.
        if (this.#missing()?.equals(secret) === true) prepared.commit();
        else prepared.rollback();
      } catch (error) {
        void preparing.then((late) => late.rollback()).catch(() => undefined);
        return this.#retry(error);
      } finally {
        this.#scheduler.cancel(deadline);
      }
    }
  }

  #retry(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#report("open", error);
    this.#problem = notOpened(this.#reference, error);
    this.#failures += 1;
    this.#scheduler.after(backoffMs(this.#failures, this.#scheduler.random), () => this.#catchUp());
  }

  #replace(next: Opened<T, R>): void {
    if (this.#ending.signal.aborted) return void this.#closeQuietly(next.resource);
    const old = this.#current;
    this.#current = next;
    this.#problem = undefined;
    this.#failures = 0;
    this.#settle.resolve(next.resource);
    if (old !== undefined) this.#retire(old);
  }

  #retire(old: Opened<T, R>): void {
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

function notOpened(reference: string, cause: unknown): SecretError {
  return new SecretError("INVALID_VALUE", `no resource could be opened for the value of "${reference}"`, {
    reason: "refused",
    retryable: true,
    reference,
    cause,
    tip: "`open` is called again on a backoff; the cause shows what it threw.",
  });
}
