import { checkOptions, rules } from "../../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { guardCrashes } from "./guard-crashes.ts";
import { guardStreams } from "./guard-streams.ts";
import { warnOfExposure } from "./process-exposure.ts";

/** The options of `installProcessGuards`. */
export interface ProcessGuardsOptions {
  /** The redactor. Default: `defaultRedactor`. */
  readonly redactor?: Redactor | undefined;
  /** Whether to mask all output to `process.stdout` and `process.stderr`, including that of `console`. Default: true. */
  readonly streams?: boolean | undefined;
  /** Whether to mask the final output after an uncaught error, and to exclude the environment from reports. Default: true. */
  readonly crashes?: boolean | undefined;
  /** Whether to warn once about each option, argument and variable of the process that exposes secrets. Default: true. */
  readonly warnings?: boolean | undefined;
}

const guardRules = {
  redactor: rules.methods("redact", "error"),
  streams: rules.flag,
  crashes: rules.flag,
  warnings: rules.flag,
};

/**
 * Masks the outputs of this thread until the returned function is called. Installations may overlap and end in any order; each
 * worker needs its own. Direct writes to a file descriptor are not masked: those of `fs.writeSync`, pino's own destinations, a
 * Console on another stream, child processes that inherit the output, and Node itself at a crash.
 * @throws {SecretError} INVALID_CONFIG for a wrong option
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
