/**
 * Reports the rejection of a promise or thenable that application code returned, and ignores any other result. It never throws,
 * and leaves no rejection unhandled.
 */
export function onRejection(result: unknown, report: (error: unknown) => void): void {
  if ((typeof result !== "object" && typeof result !== "function") || result === null) return;
  // If the `then` of an object throws, the promise rejects.
  Promise.resolve(result).catch(report);
}
