import { z } from "zod";

/** unit -> its length in milliseconds */
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Accepts a duration such as "20ms", "30s" or "5m" and answers milliseconds. A bare number has no unit and is refused. */
export function durationOption(limits: {
  readonly minimumMs: number;
  readonly maximumMs: number;
}): z.ZodType<number, string> {
  const { minimumMs, maximumMs } = limits;
  return z
    .string({ error: 'must be text with a unit, such as "30s"' })
    .regex(/^\d{1,12}(ms|s|m|h)$/, 'must be a whole number and one of the units ms, s, m, h, such as "30s"')
    .transform(toMilliseconds)
    .refine((ms) => ms >= minimumMs && ms <= maximumMs, `must be between ${minimumMs} ms and ${maximumMs} ms`);
}

function toMilliseconds(text: string): number {
  const unit = text.replace(/^\d+/, "");
  return Number.parseInt(text, 10) * (unitMs[unit] ?? Number.NaN);
}
