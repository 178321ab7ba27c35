import type { SecretError } from "../error/secret-error.ts";
import { hasSameValue, type Secret, type SnapshotSecret } from "../secret/secret.ts";
import type { Task } from "../time/scheduler.ts";
import { readOnce } from "./load.ts";
import type { View } from "./view.ts";

/**
 * The previous value while both values are accepted: the store's own previous version if there is one, else the value that this
 * process replaced. As a task, it is due at the end of the overlap.
 */
export class Previous<T> implements Task {
  dueAt = 0;
  slot = -1;
  readonly #view: View<T>;
  /** Reads `name@previous`, without refreshing it. */
  readonly stored: View<T>;
  readonly #overlapMs: number;
  #secret: SnapshotSecret<T> | undefined;
  /**
   * The end of the overlap on both clocks. The earlier one counts, so that neither a suspension nor setting the clock back
   * extends it.
   */
  #endsAt = { monotonic: 0, wall: 0 };
  #loading: Promise<void> | undefined;

  constructor(view: View<T>, stored: View<T>, overlapMs: number) {
    this.#view = view;
    this.stored = stored;
    this.#overlapMs = overlapMs;
    view.listeners.add({
      onChange: (current, previous, reason) => {
        // A deleted value that returns is not a rotation.
        if (reason === "recreated" && previous !== undefined && hasSameValue(previous, current)) return;
        this.#begin(current, previous);
        this.#loading = this.#load(current);
      },
      onDrop: (isDropped) => {
        if (this.#secret !== undefined && isDropped(this.#secret)) this.#forget();
      },
    });
  }

  /** Returns the accepted values, newest first. */
  accepted(): readonly Secret<T>[] {
    const current = this.#view.latest();
    if (current === undefined) return [];
    const previous = this.#valid();
    return previous === undefined || hasSameValue(previous, current) ? [current] : [current, previous];
  }

  /** Settles when the store was asked for the version before the current one. Never rejects. */
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
   * Begins an overlap. It counts from now for a rotation that this process has observed, and from the creation time that the
   * store states for a value found at startup.
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

  /**
   * Reads the previous version from the store. A failure is an event of that view, and the value that this process remembers is
   * kept.
   */
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
