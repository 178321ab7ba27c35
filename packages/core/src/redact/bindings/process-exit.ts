/** By this mark `process.exit` and the end of a worker know that the listeners to `exit` have been called. */
const mark = "_exiting";

export function isExiting(): boolean {
  return Reflect.get(process, mark) === true;
}

/** Calls the listeners to `exit` after an error that nobody caught, unless it comes from one of them; as Node does before it prints. */
export function runExitListeners(code: number): void {
  if (isExiting()) return;
  Reflect.set(process, mark, true);
  process.exitCode = code;
  try {
    process.emit("exit", code);
  } catch {
    // Node drops it as well
  }
}
