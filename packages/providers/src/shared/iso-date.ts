/** Returns the time of a text such as `2026-01-02T03:04:05Z`; undefined for anything else. JavaScript takes the number 5 for a day in May. */
export function isoDate(text: unknown): Date | undefined {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}T/.test(text)) return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
