import { inspect } from "node:util";
import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";
import { GuardHolders } from "./guard-holders.ts";
import { printToTheLast } from "./guard-last-words.ts";
import { isError, maskedError } from "./masked-error.ts";
import { runExitListeners } from "./process-exit.ts";

/** What Node ends with after an error that nobody caught. */
const uncaughtCode = 1;

const holders = new GuardHolders((redactors) => {
  const showEnvironment = hideEnvironment();
  const beforeCrash = (): void => {
    if (process.listenerCount("uncaughtException") > 0 || process.hasUncaughtExceptionCaptureCallback()) return;
    // not at once: other monitors are to hear of the error too
    process.once("uncaughtException", (error) => crash(error, redactors()));
  };
  process.on("uncaughtExceptionMonitor", beforeCrash);
  return () => {
    process.off("uncaughtExceptionMonitor", beforeCrash);
    showEnvironment();
  };
});

/**
 * Ends the process as Node does after an error or a rejection that nobody handles, but prints a masked copy; in a worker the copy
 * is what its parent hears. Who listens to `uncaughtException` or `unhandledRejection` decides as before.
 */
export function guardCrashes(redactor: Redactor): () => void {
  return holders.hold(redactor);
}

/** Does what Node would do next: exit listeners, the report, the message, the end. */
function crash(error: unknown, redactors: readonly Redactor[]): void {
  // a monitor after this one has put up a listener
  if (process.listenerCount("uncaughtException") > 0) return;
  const copy = redactors.reduce((masked, redactor) => maskedError(masked, redactor, "crash"), error);
  runExitListeners(uncaughtCode);
  // in a worker Node sends to the parent what a listener throws
  if (!process.getBuiltinModule("node:worker_threads").isMainThread) throw copy;
  writeReport(copy);
  printToTheLast(`${textOf(copy, redactors)}\n\nNode.js ${process.version}\n`);
  process.exit(process.exitCode ?? uncaughtCode);
}

/** Masked once more: what an object prints is its own affair. */
function textOf(copy: unknown, redactors: readonly Redactor[]): string {
  try {
    const text = isError(copy) ? inspect(copy) : `Uncaught:\n${inspect(copy)}`;
    return redactors.reduce((masked, redactor) => redactor.redact(masked, "crash"), text);
  } catch {
    return fixedLine;
  }
}

/** Node's own would hold the error as it is. */
function writeReport(copy: unknown): void {
  try {
    if (!process.report.reportOnUncaughtException) return;
    process.report.writeReport(isError(copy) ? copy : new Error(String(copy)));
  } catch {
    // the message below is more important
  }
}

/** Reports list all variables of the environment otherwise. Not known to Node before 22.13. */
function hideEnvironment(): () => void {
  const report = process.report as { excludeEnv?: boolean };
  if (report.excludeEnv !== false) return () => undefined;
  report.excludeEnv = true;
  return () => {
    report.excludeEnv = false;
  };
}
