import { untilEndMs } from "../secret/until-end.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Outcome } from "./source.ts";

const closestMs = 1_000;

/** Returns the milliseconds until the store expects to have a new value; Infinity if it does not say. */
export function untilRefresh(outcome: Outcome | undefined, { clock }: Scheduler): number {
  if (outcome?.kind !== "ok" || outcome.refreshAt === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, outcome.refreshAt.getTime() - clock.now());
}

/** Whether the outcome is a value that has expired. */
export function hasEnded(outcome: Outcome, { clock }: Scheduler): boolean {
  return outcome.kind === "ok" && untilEndMs(outcome, clock) <= 0;
}

/**
 * Returns the milliseconds until a value should be read again: four fifths of its remaining time, at least 1 s, so that
 * repeated reads find a renewed value well before the old one expires. Infinity without an expiry.
 */
export function untilExpiryMargin(outcome: Outcome | undefined, { clock }: Scheduler): number {
  if (outcome?.kind !== "ok") return Number.POSITIVE_INFINITY;
  return Math.max(closestMs, untilEndMs(outcome, clock) * 0.8);
}
