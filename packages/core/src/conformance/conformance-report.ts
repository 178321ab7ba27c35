import type { ConformanceCase } from "./case.ts";

/**
 * Lists every case of one adapter with its result: passed, failed, or skipped with the reason.
 * @param failed the ids of the cases whose `run` rejected
 */
export function conformanceReport(
  adapter: string,
  cases: readonly ConformanceCase[],
  failed: ReadonlySet<string> = new Set(),
): string {
  const lines = cases.map(({ id, title, skip }) => {
    if (skip !== undefined) return `  skipped  ${id}: ${skip}`;
    return `  ${failed.has(id) ? "FAILED " : "passed "}  ${id}: ${title}`;
  });
  const skipped = cases.filter(({ skip }) => skip !== undefined).length;
  const passed = cases.length - skipped - failed.size;
  return [`${adapter}: ${passed} passed, ${failed.size} failed, ${skipped} skipped`, ...lines, ""].join("\n");
}
