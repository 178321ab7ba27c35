/**
 * Hears of a failure of code of the application that may be asynchronous: of a promise, or of anything that looks like one.
 * Never throws, and leaves no rejection unhandled.
 */
export function onRejection(result: unknown, report: (error: unknown) => void): void {
  if ((typeof result !== "object" && typeof result !== "function") || result === null) return;
  // An object whose `then` throws becomes a promise that rejects.
  Promise.resolve(result).catch(report);
}
