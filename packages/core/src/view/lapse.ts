import type { SecretError } from "../error/secret-error.ts";
import type { Clock } from "../time/clock.ts";
import type { View } from "./view.ts";
import { expired, stale } from "./view-problem.ts";

export const never: number = Number.POSITIVE_INFINITY;

/** What time does to a view. Times are monotonic. */
export interface Lapse {
  /** Set when nothing may be served any more. */
  readonly error?: SecretError;
  /** When to look again for that. */
  readonly at: number;
  /** Until when readers need not ask; forever while something keeps it fresh. */
  readonly cachedUntil: number;
}

/** May the adopted value be served, and until when? */
export function lapseOf<T>(view: View<T>, clock: Clock): Lapse {
  const now = clock.monotonic();
  const reference = view.reference.text;
  const cachedUntil = cachedUntilOf(view);
  if (view.adopted === undefined) return { at: never, cachedUntil };
  const endsInMs = view.adopted.untilEndMs(clock);
  if (endsInMs <= 0) return { error: expired(reference), at: never, cachedUntil };
  const { problem } = view;
  // The store's own word that it is gone or a denial is no staleness: the policies of section 5 decide about those.
  const isStaling = problem !== undefined && !view.absent && !isDenial(problem);
  const staleAt = isStaling ? view.goodAt + view.context.maxStaleMs : never;
  if (problem !== undefined && staleAt <= now)
    return { error: stale(reference, problem), at: now + endsInMs, cachedUntil };
  return { at: Math.min(staleAt, now + endsInMs), cachedUntil };
}

/** An ambiguous not-found is handled like a denial: it may be one. */
export function isDenial(error: SecretError): boolean {
  const { code, definitive } = error;
  return code === "PERMISSION_DENIED" || (code === "NOT_FOUND" && definitive === false);
}

function cachedUntilOf<T>(view: View<T>): number {
  if (view.policy.declared) return never;
  // While the store fails, the last good value is served until the next try is due.
  return view.problem === undefined ? view.source.freshUntil : Math.max(view.source.freshUntil, view.retryAt);
}
