import type { SecretError } from "../error/secret-error.ts";
import type { ChangeReason } from "../events/change-reason.ts";
import { type Emit, errorName } from "../events/events.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import type { AdmissionStep } from "./admission-step.ts";

/** Who follows a view: watches, derived resources, previous values. Called when the new state stands. */
export interface Listener<T> {
  onChange?(current: SnapshotSecret<T>, previous: SnapshotSecret<T> | undefined, reason: ChangeReason): void;
  onError?(error: SecretError): void;
  onDelete?(): void;
  /** These Secrets must not be used any more: whatever was made of them, or waits to be told, ends. */
  onDrop?(isDropped: (secret: SnapshotSecret<T>) => boolean): void;
  /** Serving has stopped for now. */
  onStop?(): void;
  /** Serving goes on, with whatever is current. */
  onServing?(): void;
}

/** The listeners and admission steps of one view. What one of them throws is an event and disturbs no other. */
export class Listeners<T> {
  readonly steps: Set<AdmissionStep<T>> = new Set();
  readonly #listeners: Set<Listener<T>> = new Set();
  readonly #reference: string;
  readonly #emit: Emit;

  constructor(reference: string, emit: Emit) {
    this.#reference = reference;
    this.#emit = emit;
  }

  add(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  addStep(step: AdmissionStep<T>): () => void {
    this.steps.add(step);
    return () => void this.steps.delete(step);
  }

  /** A copy: a listener may leave, or bring another, while it is told. `until` says that the news is none any more. */
  tell(call: (listener: Listener<T>) => void, until: () => boolean = () => false): void {
    for (const listener of [...this.#listeners]) {
      if (until()) return;
      if (!this.#listeners.has(listener)) continue;
      try {
        call(listener);
      } catch (error) {
        this.#emit({ type: "listener-failed", reference: this.#reference, event: "change", name: errorName(error) });
      }
    }
  }

  /** Nobody hears anything afterwards. */
  close(): void {
    this.#listeners.clear();
    this.steps.clear();
  }
}
