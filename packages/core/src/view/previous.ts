import type { SecretError } from "../error/secret-error.ts";
import { hasSameValue, type Secret, type SnapshotSecret } from "../secret/secret.ts";
import type { Task } from "../time/scheduler.ts";
import { readOnce } from "./load.ts";
import type { View } from "./view.ts";

/**
 * What was valid before, for as long as both are to be accepted: the store's own previous version where there is one,
 * else the value that this process replaced. As a task: the end of the overlap.
 */
export class Previous<T> implements Task {
  dueAt = 0;
  slot = -1;
  readonly #view: View<T>;
  /** Reads `name@previous`, without refreshing it. */
  readonly stored: View<T>;
  readonly #overlapMs: number;
  #secret: SnapshotSecret<T> | undefined;
  /** When the previous value counts no more, on both clocks: whichever comes first, so that neither sleep nor a step back stretches it. */
  #endsAt = { monotonic: 0, wall: 0 };
  #loading: Promise<void> | undefined;

  constructor(view: View<T>, stored: View<T>, overlapMs: number) {
    this.#view = view;
    this.stored = stored;
    this.#overlapMs = overlapMs;
    view.listeners.add({
      onChange: (current, previous, reason) => {
        // The return of what was deleted is no rotation.
        if (reason === "recreated" && previous !== undefined && hasSameValue(previous, current)) return;
        this.#begin(current, previous);
        this.#loading = this.#load(current);
      },
      onDrop: (isDropped) => {
        if (this.#secret !== undefined && isDropped(this.#secret)) this.#forget();
      },
    });
  }

  /** Newest first: what to accept now. */
  accepted(): readonly Secret<T>[] {
    const current = this.#view.latest();
    if (current === undefined) return [];
    const previous = this.#valid();
    return previous === undefined || hasSameValue(previous, current) ? [current] : [current, previous];
  }

  /** Settles when the store was asked once for what preceded the present value. Never rejects. */
  get loaded(): Promise<void> {
    return this.#loading ?? Promise.resolve();
  }

  get secret(): SnapshotSecret<T> | undefined {
    return this.#secret;
  }

  run(): void {
    this.#forget();
  }

  close(error: SecretError): void {
    this.#forget();
    this.stored.close(error);
  }

  /**
   * A rotation that this process has seen begins an overlap, however old the store says that the value is; for a value
   * found at the start the store's time counts.
   */
  #begin(current: SnapshotSecret<T>, previous: SnapshotSecret<T> | undefined): void {
    const { clock } = this.#view.context.scheduler;
    const { createdAt } = current.meta;
    const passedMs = previous === undefined && createdAt !== undefined ? clock.now() - createdAt.getTime() : 0;
    this.#secret = previous;
    const leftMs = this.#overlapMs - Math.max(0, passedMs);
    this.#endsAt = { monotonic: clock.monotonic() + leftMs, wall: clock.now() + leftMs };
    this.#arm();
  }

  /** A failure is an event of its view; whatever this process remembers stays. */
  async #load(current: SnapshotSecret<T>): Promise<void> {
    const stored = (await readOnce(this.stored).catch(() => undefined)) as SnapshotSecret<T> | undefined;
    const now = this.#view.current;
    const { content } = this.stored;
    // The store may have had a value in between that this application never accepted.
    if (content !== undefined && this.#view.hasRefused(content)) return;
    if (stored === undefined || now === undefined || !hasSameValue(now, current) || hasSameValue(stored, now)) return;
    this.#secret = stored;
    this.#arm();
  }

  #valid(): SnapshotSecret<T> | undefined {
    const { clock } = this.#view.context.scheduler;
    const hasEnded = this.#secret !== undefined && this.#secret.untilEndMs(clock) <= 0;
    if (hasEnded || this.#leftMs() <= 0) this.#forget();
    return this.#secret;
  }

  #arm(): void {
    const { scheduler } = this.#view.context;
    if (this.#secret !== undefined) scheduler.schedule(this, this.#leftMs());
  }

  #leftMs(): number {
    const { clock } = this.#view.context.scheduler;
    return Math.min(this.#endsAt.monotonic - clock.monotonic(), this.#endsAt.wall - clock.now());
  }

  #forget(): void {
    this.#secret = undefined;
    this.#view.context.scheduler.cancel(this);
  }
}
