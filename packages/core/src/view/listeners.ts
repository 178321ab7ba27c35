import type { SecretError } from "../error/secret-error.ts";
import type { ChangeReason } from "../events/change-reason.ts";
import { type Emit, failureOf } from "../events/events.ts";
import { listOf, type OneOrMany, withOne, withoutOne } from "../events/one-or-many.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import type { AdmissionStep } from "./admission-step.ts";

/** A listener of a view: a watch, a derived resource or the previous value. Called after the new state is complete. */
export interface Listener<T> {
  onChange?(
    current: SnapshotSecret<T>,
    previous: SnapshotSecret<T> | undefined,
    reason: ChangeReason,
    /** Whether an optional secret exists now that was served as absent before. */
    hasAppeared: boolean,
  ): void;
  onError?(error: SecretError): void;
  onDelete?(): void;
  /** Called when Secrets were dropped: everything derived from them, and pending notifications of them, must end. */
  onDrop?(isDropped: (secret: SnapshotSecret<T>) => boolean): void;
  /** Called when the view stops serving. */
  onStop?(): void;
  /** Called when the view serves again, possibly another value. */
  onServing?(): void;
}

const noSteps: ReadonlySet<never> = new Set();

/** The listeners and admission steps of one view. Exceptions of a listener are reported as events and do not affect the others. */
export class Listeners<T> {
  #steps: Set<AdmissionStep<T>> | undefined;
  #listeners: OneOrMany<Listener<T>>;
  readonly #reference: string;
  readonly #emit: Emit;

  constructor(reference: string, emit: Emit) {
    this.#reference = reference;
    this.#emit = emit;
  }

  get steps(): ReadonlySet<AdmissionStep<T>> {
    return this.#steps ?? noSteps;
  }

  add(listener: Listener<T>): () => void {
    this.#listeners = withOne(this.#listeners, listener);
    return () => this.remove(listener);
  }

  remove(listener: Listener<T>): void {
    this.#listeners = withoutOne(this.#listeners, listener);
  }

  addStep(step: AdmissionStep<T>): () => void {
    this.#steps ??= new Set();
    this.#steps.add(step);
    return () => void this.#steps?.delete(step);
  }

  /**
   * Calls all listeners. They may add and remove listeners meanwhile.
   * @param until returns whether the notification is out of date, so that the remaining listeners are skipped
   */
  tell(call: (listener: Listener<T>) => void, until: () => boolean = () => false): void {
    const told = this.#listeners;
    for (const listener of listOf(told)) {
      if (until()) return;
      if (this.#listeners !== told && !listOf(this.#listeners).includes(listener)) continue;
      try {
        call(listener);
      } catch (error) {
        this.#emit({ type: "listener-failed", reference: this.#reference, event: "change", ...failureOf(error) });
      }
    }
  }

  /** Removes all listeners and steps. */
  close(): void {
    this.#listeners = undefined;
    this.#steps = undefined;
  }
}
