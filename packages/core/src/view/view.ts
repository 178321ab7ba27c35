import type { SecretPayload } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import type { Outcome } from "../source/source.ts";
import type { Task } from "../time/scheduler.ts";
import { Adopting } from "./adopting.ts";
import { lapseOf, never } from "./lapse.ts";
import { load } from "./load.ts";
import { dropped, notReady } from "./view-problem.ts";

/**
 * One reference read through one decoder: the unit that adopts values. Timers take away what may not be served any more,
 * so no read looks at a clock.
 */
export class View<T> extends Adopting<T> implements Task {
  dueAt = 0;
  slot = -1;
  /** Read since the last sweep. */
  touched = true;
  /** How many watches, derived resources and reads hold on to it. */
  pins = 0;
  #mustAsk = false;
  #loading: Promise<Secret<T> | undefined> | undefined;
  #letGo: (() => void) | undefined;

  get isKept(): boolean {
    return this.#letGo !== undefined;
  }

  /** Settles when no candidate is in work. */
  get idle(): Promise<void> | undefined {
    return this.admission?.idle;
  }

  /** Monotonic time before which asking again is pointless. */
  get retryAt(): number {
    return Math.max(this.source.retryAt, this.retryDue === never ? 0 : this.retryDue);
  }

  /** Has the source kept fresh from now on. */
  keep(): void {
    if (!this.isClosed) this.#letGo ??= this.source.keep((outcome) => this.process(outcome));
  }

  /** The last one who holds on to an undeclared one ends what costs a connection. */
  unpin(): void {
    this.pins -= 1;
    if (this.pins === 0 && !this.policy.declared && !this.source.isLocal) this.letGo();
  }

  letGo(): void {
    this.#letGo?.();
    this.#letGo = undefined;
  }

  /** What readers without special wishes get; one load is shared by all who wait. */
  read(): Promise<Secret<T> | undefined> {
    this.touched = true;
    if (this.kept !== undefined) return this.kept;
    this.#loading ??= load(this, this.#mustAsk ? "replace" : "cached").finally(() => {
      this.#loading = undefined;
    });
    this.#mustAsk = false;
    return this.#loading;
  }

  /** What is held, without waiting. @throws {SecretError} NOT_READY, or the code of what forbids serving */
  latest(): Secret<T> | undefined {
    if (this.block !== undefined) throw this.block;
    if (this.adopted === undefined && !(this.absent && this.policy.optional)) throw notReady(this.name, this.problem);
    return this.adopted;
  }

  /** Hands out what is held without asking, until the moment that `arm` finds. */
  serve(): Promise<Secret<T> | undefined> {
    const serving = this.kept ?? Promise.resolve(this.adopted);
    this.kept = serving;
    this.arm();
    return serving;
  }

  /** The next read asks the store; should that fail, the adopted value is served. */
  invalidate(): void {
    this.#mustAsk = true;
    this.kept = undefined;
  }

  /** Discards what is held, and refuses its content from now on. */
  drop(alsoContent: SecretPayload | undefined): void {
    this.ban([this.content, alsoContent]);
    this.admission?.cancel();
    this.forget();
    this.stop(dropped(this.name));
    this.lastSeen = undefined;
    void this.#readOther().then((outcome) => this.see(outcome));
  }

  /** What was lent and has leaked is given back; anything else is read again. */
  async #readOther(): Promise<Outcome> {
    await Promise.all(this.source.leaves().map((leaf) => leaf.giveBack()));
    return await this.source.read("replace");
  }

  /** Due: a lapse, the end of the time to live, or another try. */
  run(): void {
    if (this.retryDue <= this.now()) this.tryAgain();
    this.arm();
  }

  /** Takes away what time forbids, and arms the moment at which to look again. */
  arm(): void {
    if (this.isClosed) return;
    const { scheduler } = this.context;
    const now = this.now();
    const lapse = lapseOf(this, scheduler.clock);
    if (lapse.error !== undefined && this.block === undefined) {
      this.stop(lapse.error);
      // What nobody watches over is read when somebody wants it; of a store that lends, that makes a credential.
      if (this.isKept) this.readAgain();
    } else if (lapse.error !== undefined && this.block?.reason === "stale") this.block = lapse.error;
    if (lapse.cachedUntil <= now) this.kept = undefined;
    const next = Math.min(lapse.at, this.kept === undefined ? never : lapse.cachedUntil, this.retryDue);
    if (next === never) scheduler.cancel(this);
    else scheduler.schedule(this, next - now);
  }

  close(error: SecretError): void {
    this.isClosed = true;
    this.admission?.close(error);
    this.context.scheduler.cancel(this);
    this.letGo();
    this.stop(error);
    this.tell((audience) => audience.close());
    this.retireMasks();
  }
}
