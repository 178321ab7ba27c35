import type { Secret } from "../secret/secret.ts";
import { untilAborted } from "../time/until-aborted.ts";

/** One consumer of a new value that may refuse it: everybody prepares, then everybody commits, or nobody does. */
export interface AdmissionStep<T> {
  /** Whether it has nothing yet for this value, which is current. */
  needs(current: Secret<T>): boolean;
  prepare(next: Secret<T>, previous: Secret<T> | undefined, signal: AbortSignal): Promise<Prepared>;
  /** The error that kept it from preparing for the current value. */
  onFailed(error: unknown): void;
}

export interface Prepared {
  commit(): void;
  rollback(): void;
}

/** Prepares all or nothing: prepared steps are rolled back if one fails, even if they finish only after that. */
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
