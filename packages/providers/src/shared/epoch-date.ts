/**
 * Converts seconds since 1970, as a number or a text, to a Date. Returns undefined for anything else, for 0 and negative numbers, and
 * for numbers too large for a Date: an invalid Date throws when it is serialized.
 */
export function epochDate(seconds: unknown): Date | undefined {
  if (typeof seconds !== "number" && typeof seconds !== "string") return undefined;
  const date = new Date(Math.round(Number(seconds) * 1000));
  return date.getTime() > 0 ? date : undefined;
}
