import { atCallerOf } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";

/** A duration: text with a unit, such as "250ms", "30s", "5m", "1h" or "90d", or a number of milliseconds. */
export type Duration = `${number}${"ms" | "s" | "m" | "h" | "d"}` | number;

/** The limits of a duration. */
export interface DurationRules {
  /** Whether the duration may be zero. Default: false. */
  readonly zero?: boolean | undefined;
}

/**
 * Converts an option of the API to milliseconds. A number must be finite, so that no timer gets NaN. The stack of an error begins
 * at the caller of the function with that option.
 * @param option the name in messages: "`grace` of derive"
 * @throws {SecretError} INVALID_CONFIG `duration`, without the duration itself
 */
export function toMilliseconds(duration: Duration, option: string, rules: DurationRules = {}): number {
  try {
    if (typeof duration === "number") return inRange(duration, option, rules);
    return parse(duration, option, "must be text with a unit, or a number of milliseconds", rules);
  } catch (error) {
    throw atCallerOf(error as SecretError, toMilliseconds);
  }
}

/**
 * Converts a duration of the config document, which must be text, to milliseconds.
 * @throws {SecretError} INVALID_CONFIG `duration`, without the text itself
 */
export function parseDuration(text: unknown, rules: DurationRules = {}): number {
  if (typeof text === "number") throw malformed("a duration", "must be text with a unit, not a bare number");
  return parse(text, "a duration", "must be text", rules);
}

/** Matches a whole number with a unit. */
const durationPattern = /^(\d{1,15})(ms|s|m|h|d)$/;

function parse(text: unknown, subject: string, rule: string, rules: DurationRules): number {
  if (typeof text !== "string") throw malformed(subject, rule);
  const [, digits, unit] = durationPattern.exec(text) ?? [];
  if (digits === undefined || unit === undefined) throw malformed(subject, faultOf(text));
  return inRange(Number(digits) * (unitMs[unit] ?? Number.NaN), subject, rules);
}

function inRange(milliseconds: number, subject: string, { zero = false }: DurationRules): number {
  if (!Number.isFinite(milliseconds)) throw malformed(subject, "must be a finite number of milliseconds");
  if (milliseconds < 0) throw malformed(subject, "must not be negative");
  if (milliseconds === 0 && !zero) throw malformed(subject, "must be longer than zero");
  if (milliseconds > longestMs) throw malformed(subject, "must not be longer than 100 years (36500d)");
  return milliseconds;
}

/** unit -> its length in milliseconds */
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A hundred years. A longer duration is a mistake in the unit. */
const longestMs = 36_500 * 86_400_000;

function faultOf(text: string): string {
  if (text.trim() === "") return "is empty";
  if (text !== text.trim()) return "must not have spaces around it";
  if (text.startsWith("-")) return "must not be negative";
  if (/^\d+$/.test(text)) return "needs a unit";
  if (/^\d+[.,]\d+/.test(text)) return "must be a whole number of its unit";
  return "must be a whole number followed by ms, s, m, h or d";
}

function malformed(subject: string, fault: string): SecretError {
  return new SecretError("INVALID_CONFIG", `${subject} ${fault}`, {
    reason: "duration",
    tip: 'Write a whole number and a unit: "250ms", "30s", "5m", "1h" or "90d".',
  });
}
