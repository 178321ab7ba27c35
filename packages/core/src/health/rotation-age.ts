import type { Emit } from "../events/events.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";
import type { View } from "../view/view.ts";

/** Emits `overdue` if a value is older than its rotation policy allows. It never fails a read. */
export class RotationAge implements Task {
  dueAt = 0;
  slot = -1;
  readonly #view: View<unknown>;
  readonly #rotateEveryMs: number;
  readonly #scheduler: Scheduler;
  readonly #emit: Emit;
  /** Wall time at which this process first saw the current content. */
  #seenAt = 0;
  #isReported = false;

  constructor(view: View<unknown>, rotateEveryMs: number, scheduler: Scheduler, emit: Emit) {
    this.#view = view;
    this.#rotateEveryMs = rotateEveryMs;
    this.#scheduler = scheduler;
    this.#emit = emit;
    view.listeners.add({ onChange: () => this.#begin() });
  }

  /** Milliseconds since the version was created, else since this process first saw the content. */
  get ageMs(): number {
    const { current } = this.#view;
    if (current === undefined) return 0;
    return Math.max(0, this.#scheduler.clock.now() - (current.meta.createdAt?.getTime() ?? this.#seenAt));
  }

  get overdue(): boolean {
    return this.#view.current !== undefined && this.ageMs > this.#rotateEveryMs;
  }

  run(): void {
    if (!this.overdue) {
      this.#isReported = false;
      return this.#arm();
    }
    if (!this.#isReported) this.#emit({ type: "overdue", reference: this.#view.reference.text, ageMs: this.ageMs });
    this.#isReported = true;
    // A new version with the same content ends the overdue state without a change event, so the age is checked again.
    this.#scheduler.schedule(this, this.#rotateEveryMs);
  }

  #begin(): void {
    this.#seenAt = this.#scheduler.clock.now();
    this.#isReported = false;
    this.#arm();
  }

  #arm(): void {
    this.#scheduler.schedule(this, Math.max(1_000, this.#rotateEveryMs - this.ageMs + 1));
  }
}
