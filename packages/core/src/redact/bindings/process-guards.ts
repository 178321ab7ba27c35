import { checkOptions, rules } from "../../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { guardCrashes } from "./guard-crashes.ts";
import { guardStreams } from "./guard-streams.ts";
import { warnOfExposure } from "./process-exposure.ts";

/** What `installProcessGuards` takes. */
export interface ProcessGuardsOptions {
  /** Default the one of the process. */
  readonly redactor?: Redactor | undefined;
  /** Masks whatever is written to `process.stdout` and `process.stderr`, by `console` too. Default true. */
  readonly streams?: boolean | undefined;
  /** Masks the final output for an uncaught error, and excludes the environment from reports. Default true. */
  readonly crashes?: boolean | undefined;
  /** Warns once about each option, argument and variable of the process that shows secrets. Default true. */
  readonly warnings?: boolean | undefined;
}

const guardRules = {
  redactor: rules.methods("redact", "error"),
  streams: rules.flag,
  crashes: rules.flag,
  warnings: rules.flag,
};

/**
 * Puts a redactor in front of the outputs of this thread until the function returned is called. Installs may overlap and end in
 * any order; each worker needs its own. It does not see direct writes to a file descriptor: `fs.writeSync`, pino's own
 * destinations, a Console on another stream, child processes that inherit the output, and the output of Node itself at a crash.
 */
export function installProcessGuards(options: ProcessGuardsOptions = {}): () => void {
  checkOptions("installProcessGuards", options, guardRules);
  const { redactor = defaultRedactor, streams = true, crashes = true, warnings = true } = options;
  const removers: (() => void)[] = [];
  if (streams) removers.push(guardStreams(redactor));
  if (crashes) removers.push(guardCrashes(redactor));
  if (warnings) warnOfExposure(redactor);
  return () => {
    for (const remove of removers) remove();
  };
}
