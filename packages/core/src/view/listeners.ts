import type { SecretError } from "../error/secret-error.ts";
import type { ChangeReason } from "../events/change-reason.ts";
import { type Emit, failureOf } from "../events/events.ts";
import { listOf, type OneOrMany, withOne, withoutOne } from "../events/one-or-many.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import type { AdmissionStep } from "./admission-step.ts";

/** The listeners of a view: watches, derived resources, previous values. Called when the new state is complete. */
export interface Listener<T> {
  onChange?(
    current: SnapshotSecret<T>,
    previous: SnapshotSecret<T> | undefined,
    reason: ChangeReason,
    /** An optional secret that was served as absent is there for the first time. */
    hasAppeared: boolean,
  ): void;
  onError?(error: SecretError): void;
  onDelete?(): void;
  /** These Secrets must not be used any more: whatever was made of them, or waits to be told, ends. */
  onDrop?(isDropped: (secret: SnapshotSecret<T>) => boolean): void;
  /** Serving has stopped for now. */
  onStop?(): void;
  /** Serving goes on, with whatever is current. */
  onServing?(): void;
}

const noSteps: ReadonlySet<never> = new Set();

/** The listeners and admission steps of one view. Exceptions of one are events and do not affect the others. */
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

  /** A listener may leave, or bring another, while all are told. `until` says that the news is none any more. */
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

  /** Nobody hears anything afterwards. */
  close(): void {
    this.#listeners = undefined;
    this.#steps = undefined;
  }
}
