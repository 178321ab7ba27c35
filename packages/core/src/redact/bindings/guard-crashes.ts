import { inspect } from "node:util";
import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";
import { GuardHolders } from "./guard-holders.ts";
import { printToTheLast } from "./guard-last-words.ts";
import { isError, maskedError } from "./masked-error.ts";
import { runExitListeners } from "./process-exit.ts";

/** The exit code of Node after an uncaught error. */
const uncaughtCode = 1;

const holders = new GuardHolders((redactors) => {
  const showEnvironment = hideEnvironment();
  const beforeCrash = (): void => {
    if (process.listenerCount("uncaughtException") > 0 || process.hasUncaughtExceptionCaptureCallback()) return;
    // Deferred, so that other monitors receive the error too.
    process.once("uncaughtException", (error) => crash(error, redactors()));
  };
  process.on("uncaughtExceptionMonitor", beforeCrash);
  return () => {
    process.off("uncaughtExceptionMonitor", beforeCrash);
    showEnvironment();
  };
});

/**
 * Ends the process as Node does after an unhandled error or rejection, but prints a masked copy; in a worker, the parent
 * receives the copy. Listeners to `uncaughtException` and `unhandledRejection` decide as before. Returns a function that
 * removes the guard.
 */
export function guardCrashes(redactor: Redactor): () => void {
  return holders.hold(redactor);
}

/** Performs the next steps of Node: it calls the exit listeners, writes the report, prints the message and exits. */
function crash(error: unknown, redactors: readonly Redactor[]): void {
  // A later monitor has added a listener.
  if (process.listenerCount("uncaughtException") > 0) return;
  const copy = redactors.reduce((masked, redactor) => maskedError(masked, redactor, "crash"), error);
  runExitListeners(uncaughtCode);
  // In a worker, Node sends the error that a listener throws to the parent.
  if (!process.getBuiltinModule("node:worker_threads").isMainThread) throw copy;
  writeReport(copy);
  printToTheLast(`${textOf(copy, redactors)}\n\nNode.js ${process.version}\n`);
  process.exit(process.exitCode ?? uncaughtCode);
}

/** Returns the printed text, which is masked again because objects may print more than their copies contain. */
function textOf(copy: unknown, redactors: readonly Redactor[]): string {
  try {
    const text = isError(copy) ? inspect(copy) : `Uncaught:\n${inspect(copy)}`;
    return redactors.reduce((masked, redactor) => redactor.redact(masked, "crash"), text);
  } catch {
    return fixedLine;
  }
}

/** Writes a report with the masked copy in place of Node's own report, which would contain the original. */
function writeReport(copy: unknown): void {
  try {
    if (!process.report.reportOnUncaughtException) return;
    process.report.writeReport(isError(copy) ? copy : new Error(String(copy)));
  } catch {
    // A failed report must not prevent the message.
  }
}

/**
 * Excludes the environment from reports, which list all variables otherwise. Node supports this since 22.13. Returns a function
 * that restores the setting.
 */
function hideEnvironment(): () => void {
  const report = process.report as { excludeEnv?: boolean };
  if (report.excludeEnv !== false) return () => undefined;
  report.excludeEnv = true;
  return () => {
    report.excludeEnv = false;
  };
}
