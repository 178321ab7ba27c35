/** Returns a time as ISO 8601 in UTC, to the second. `toISOString` would load 8 MB of time zone data. */
export function utcTime(at: Date): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = [at.getUTCFullYear(), two(at.getUTCMonth() + 1), two(at.getUTCDate())].join("-");
  return `${day}T${[at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":")}Z`;
}
