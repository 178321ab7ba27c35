import { hasSameValue, type Secret, type SnapshotSecret } from "../secret/secret.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { type AdmissionStep, type Prepared, prepareAll } from "./admission-step.ts";
import { superseded, tooLate } from "./refusals.ts";

/** The part of a view that its completion needs. */
export interface CompletionHost<T> {
  readonly current: SnapshotSecret<T> | undefined;
  readonly steps: ReadonlySet<AdmissionStep<T>>;
  /** Called when all steps that lacked the current value have prepared or failed. */
  onCompleted(isComplete: boolean): void;
}

const deadlineMs = 10_000;

/** Prepares steps that were added after the current value was adopted. */
export class Completion<T> {
  readonly #reference: string;
  readonly #host: CompletionHost<T>;
  readonly #scheduler: Scheduler;
  #controller: AbortController | undefined;
  #running: Promise<void> | undefined;

  constructor(reference: string, host: CompletionHost<T>, scheduler: Scheduler) {
    this.#reference = reference;
    this.#host = host;
    this.#scheduler = scheduler;
  }

  /** Settles when no step prepares; undefined when none does. Never rejects. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  /** Prepares the steps that lack this value; a newer value aborts the preparation for an older one. */
  complete(current: SnapshotSecret<T>, isNewer: boolean): void {
    if (this.#running !== undefined && !isNewer) return;
    this.#controller?.abort(superseded(this.#reference));
    const controller = new AbortController();
    this.#controller = controller;
    const running = this.#completeSteps(current, controller).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
  }

  close(error: Error): void {
    this.#controller?.abort(error);
  }

  /** Prepares each step separately, so that a failure of one does not affect the others. */
  async #completeSteps(current: SnapshotSecret<T>, controller: AbortController): Promise<void> {
    const late = (): void => controller.abort(tooLate(this.#reference, deadlineMs));
    const deadline = this.#scheduler.after(deadlineMs, late);
    const steps = [...this.#host.steps].filter((step) => step.needs(current));
    const done = await Promise.all(steps.map((step) => this.#completeStep(step, current, controller.signal)));
    this.#scheduler.cancel(deadline);
    if (this.#controller !== controller) return;
    this.#running = undefined;
    this.#host.onCompleted(!done.includes(false));
  }

  async #completeStep(step: AdmissionStep<T>, current: Secret<T>, signal: AbortSignal): Promise<boolean> {
    try {
      const [prepared] = await prepareAll([step], current, undefined, signal);
      this.#end(prepared, step, current);
      return true;
    } catch (error) {
      if (signal.reason?.reason !== "superseded") step.onFailed(error);
      return false;
    }
  }

  /** Commits a prepared step, or rolls it back if another value is current meanwhile or the step was removed. */
  #end(prepared: Prepared | undefined, step: AdmissionStep<T>, current: Secret<T>): void {
    const now = this.#host.current;
    const isWanted = this.#host.steps.has(step) && now !== undefined && hasSameValue(now, current);
    if (isWanted && step.needs(current)) prepared?.commit();
    else prepared?.rollback();
  }
}
