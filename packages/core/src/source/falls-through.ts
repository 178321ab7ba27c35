import type { FallbackCode } from "../config/parsed-config.ts";
import type { Outcome } from "./source.ts";

/** Whether the next source of a chain may be asked: only for what its route names, and never for a denial or a bad value. */
export function fallsThrough(outcome: Outcome, fallbackOn: ReadonlySet<FallbackCode>): boolean {
  if (outcome.kind === "ok") return false;
  if (outcome.kind === "absent") return fallbackOn.has("NOT_FOUND");
  const { code } = outcome.error;
  return (code === "UNAVAILABLE" || code === "THROTTLED") && fallbackOn.has(code);
}
