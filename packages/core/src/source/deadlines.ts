import { untilEndMs } from "../secret/until-end.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Outcome } from "./source.ts";

const closestMs = 1_000;

/** The time at which the store expects to have a new value. */
export function untilRefresh(outcome: Outcome | undefined, { clock }: Scheduler): number {
  if (outcome?.kind !== "ok" || outcome.refreshAt === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, outcome.refreshAt.getTime() - clock.now());
}

/** Whether it may not be served any more. */
export function hasEnded(outcome: Outcome, { clock }: Scheduler): boolean {
  return outcome.kind === "ok" && untilEndMs(outcome, clock) <= 0;
}

/** A read at four fifths of what is left, again and again, finds a renewed value well before the old one ends. */
export function untilExpiryMargin(outcome: Outcome | undefined, { clock }: Scheduler): number {
  if (outcome?.kind !== "ok") return Number.POSITIVE_INFINITY;
  return Math.max(closestMs, untilEndMs(outcome, clock) * 0.8);
}
