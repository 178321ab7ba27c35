import { SecretError } from "../error/secret-error.ts";

/** How a duration is written: a whole number and a unit. */
const durationPattern = /^(\d{1,15})(ms|s|m|h|d)$/;

/**
 * Reads a duration such as "250ms", "30s", "5m", "1h" or "90d"; milliseconds.
 * Nothing is clamped: a timer's own limit is the scheduler's business.
 * @throws {SecretError} INVALID_CONFIG, reason `duration`; the text itself is never quoted
 */
export function parseDuration(text: unknown, options: { readonly zero?: boolean | undefined } = {}): number {
  if (typeof text === "number") throw malformed(`must be text with a unit, not a bare number`);
  if (typeof text !== "string") throw malformed("must be text");
  const [, digits, unit] = durationPattern.exec(text) ?? [];
  if (digits === undefined || unit === undefined) throw malformed(faultOf(text));
  const milliseconds = Number(digits) * (unitMs[unit] ?? Number.NaN);
  if (milliseconds === 0 && options.zero !== true) throw malformed("must be longer than zero");
  if (milliseconds > longestMs) throw malformed("must not be longer than 100 years (36500d)");
  return milliseconds;
}

/** unit -> its length in milliseconds */
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A hundred years: longer is a slip of the unit, and far inside what a double counts exactly. */
const longestMs = 36_500 * 86_400_000;

function faultOf(text: string): string {
  if (text.trim() === "") return "is empty";
  if (text !== text.trim()) return "must not have spaces around it";
  if (text.startsWith("-")) return "must not be negative";
  if (/^\d+$/.test(text)) return "needs a unit";
  if (/^\d+[.,]\d+/.test(text)) return "must be a whole number of its unit";
  return "must be a whole number followed by ms, s, m, h or d";
}

function malformed(fault: string): SecretError {
  return new SecretError("INVALID_CONFIG", `a duration ${fault}`, {
    reason: "duration",
    tip: 'Write a whole number and a unit: "250ms", "30s", "5m", "1h" or "90d".',
  });
}
