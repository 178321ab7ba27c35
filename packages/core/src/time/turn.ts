// Taken when this module loads, because the fake timers of a test runner may replace it.
const { nextTick } = process;

/** Calls back after the current operation, before any timer or I/O. */
export function afterTurn(callback: () => void): void {
  nextTick(callback);
}
