/**
 * Returns the time of a number of seconds since 1970, which some stores write as text; undefined for what is none. JSON has larger
 * numbers than a Date, and one that is invalid throws where it is written and compares as nothing.
 */
export function epochDate(seconds: unknown): Date | undefined {
  if (typeof seconds !== "number" && typeof seconds !== "string") return undefined;
  const date = new Date(Math.round(Number(seconds) * 1000));
  return date.getTime() > 0 ? date : undefined;
}
