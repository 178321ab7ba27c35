// Taken when this module loads: a test runner that fakes it must not hold up a client.
const { nextTick } = process;

/** Calls back once everything that is ready to run in this turn of the event loop has run. It waits for no timer and no I/O. */
export function afterTurn(callback: () => void): void {
  nextTick(callback);
}
