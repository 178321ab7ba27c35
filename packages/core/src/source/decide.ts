import type { Outcome } from "./source.ts";

/** The failures for which a route may list another store. */
export type FallbackCode = "NOT_FOUND" | "UNAVAILABLE" | "THROTTLED";

/** One source of a fallback chain, as a decision sees it. */
export interface Standing {
  /** Its last answer. */
  readonly outcome: Outcome | undefined;
  /** Whether that counts: it answers the present request, or another call now cannot improve it. */
  readonly counts: boolean;
}

/** The source whose answer counts, or the one that must be asked before that is known. */
export type Decision = { readonly index: number } | { readonly ask: number };

/**
 * Decides which source of a chain answers, best first: the first one with a value, as long as each one before it may be passed
 * over. Without a value, the first failure is more informative than the last miss.
 * @param sources at least one
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

/** Whether the next source may be asked: only for outcomes that the route lists, and never for a denial or a bad value. */
function fallsThrough(outcome: Outcome, fallbackOn: ReadonlySet<FallbackCode>): boolean {
  if (outcome.kind === "ok") return false;
  if (outcome.kind === "notFound") return fallbackOn.has("NOT_FOUND");
  const { code } = outcome.error;
  return (code === "UNAVAILABLE" || code === "THROTTLED") && fallbackOn.has(code);
}
