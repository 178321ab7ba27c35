import type { Outcome } from "./source.ts";

/** The failures for which a route may list another store. */
export type FallbackCode = "NOT_FOUND" | "UNAVAILABLE" | "THROTTLED";

/** The state of one source of a fallback chain. */
export interface Standing {
  /** The outcome of its last answer. */
  readonly outcome: Outcome | undefined;
  /** Whether the outcome counts: it answers the present request, or another call now cannot improve it. */
  readonly counts: boolean;
}

/** The index of the source whose answer counts, or of the one to ask next. */
export type Decision = { readonly index: number } | { readonly ask: number };

/**
 * Decides which source of a chain answers: the first one with a value, if every source before it falls through. Without a
 * value, the first failure answers, because it is more informative than a not-found.
 * @param sources best first; at least one
 */
export function decide(sources: readonly Standing[], fallbackOn: ReadonlySet<FallbackCode>): Decision {
  let failed: number | undefined;
  for (const [index, { outcome, counts }] of sources.entries()) {
    if (outcome === undefined || !counts) return { ask: index };
    if (outcome.kind === "ok") return { index };
    if (outcome.kind === "failed") failed ??= index;
    if (!fallsThrough(outcome, fallbackOn)) return { index: failed ?? index };
  }
  return { index: failed ?? sources.length - 1 };
}

/**
 * Whether the next source may be asked: only after an outcome that the route lists, and never after a denial or an invalid
 * value.
 */
function fallsThrough(outcome: Outcome, fallbackOn: ReadonlySet<FallbackCode>): boolean {
  if (outcome.kind === "ok") return false;
  if (outcome.kind === "notFound") return fallbackOn.has("NOT_FOUND");
  const { code } = outcome.error;
  return (code === "UNAVAILABLE" || code === "THROTTLED") && fallbackOn.has(code);
}
