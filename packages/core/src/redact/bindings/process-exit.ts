/** The property by which `process.exit` and the end of a worker recognize that the `exit` listeners have been called. */
const mark = "_exiting";

export function isExiting(): boolean {
  return Reflect.get(process, mark) === true;
}

/** Calls the `exit` listeners after an uncaught error, as Node does before it prints; not if one of them caused the error. */
export function runExitListeners(code: number): void {
  if (isExiting()) return;
  Reflect.set(process, mark, true);
  process.exitCode = code;
  try {
    process.emit("exit", code);
  } catch {
    // Node ignores this error as well.
  }
}
