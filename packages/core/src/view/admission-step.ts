import type { Secret } from "../secret/secret.ts";
import { untilAborted } from "../time/until-aborted.ts";

/** A consumer of new values that may refuse one. Either all consumers prepare and then commit, or none commits. */
export interface AdmissionStep<T> {
  /** Whether the consumer has not prepared for the current value yet. */
  needs(current: Secret<T>): boolean;
  prepare(next: Secret<T>, previous: Secret<T> | undefined, signal: AbortSignal): Promise<Prepared>;
  /** Called with the error of a failed preparation for the current value. */
  onFailed(error: unknown): void;
}

export interface Prepared {
  commit(): void;
  rollback(): void;
}

/** Prepares all steps, or none: if one fails, the others are rolled back, even if they finish preparing later. */
export async function prepareAll<T>(
  steps: readonly AdmissionStep<T>[],
  next: Secret<T>,
  previous: Secret<T> | undefined,
  signal: AbortSignal,
): Promise<readonly Prepared[]> {
  const preparing = steps.map(async (step) => await step.prepare(next, previous, signal));
  try {
    return await untilAborted(Promise.all(preparing), signal);
  } catch (error) {
    for (const late of preparing) void late.then((prepared) => prepared.rollback()).catch(() => undefined);
    throw error;
  }
}
