import { checkArgument, rules } from "../../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule } from "./argument-rules.ts";
import { fixedLine } from "./fixed-line.ts";
import { withFallback } from "./with-fallback.ts";

/** A LoggerService of NestJS: a method for each level. */
export interface LoggerService {
  /** Logs an event. */
  log(message: unknown, ...more: unknown[]): unknown;
  /** Logs a failure, often with its stack. */
  error(message: unknown, ...more: unknown[]): unknown;
  /** Logs a warning. */
  warn(message: unknown, ...more: unknown[]): unknown;
  /** Logs details for debugging. */
  debug?(message: unknown, ...more: unknown[]): unknown;
  /** Logs all other details. */
  verbose?(message: unknown, ...more: unknown[]): unknown;
  /** Logs an error that ends the process. */
  fatal?(message: unknown, ...more: unknown[]): unknown;
  /** Selects the levels that are printed. */
  setLogLevels?(levels: string[]): unknown;
}

type Level = Exclude<keyof LoggerService, "setLogLevels">;

/**
 * Wraps a NestJS logger so that it receives only masked texts, stacks, contexts and objects, for `NestFactory.create` and
 * `app.useLogger`. The result has exactly those methods of a LoggerService that the logger has. Pass it to `create`: with
 * `useLogger` alone, NestJS's own logger prints earlier errors unmasked.
 *
 * A logger that fails is called again with a fixed line. No error is thrown into the code that logs.
 * @throws {SecretError} INVALID_CONFIG for a wrong argument
 */
export function redactLoggerService(logger: LoggerService, redactor: Redactor = defaultRedactor): LoggerService {
  checkArgument("redactLoggerService", "redactor", redactor, redactorRule);
  checkArgument("redactLoggerService", "logger", logger, rules.methods("log", "warn", "error"));
  const masked = (level: Level) => maskedLevel(logger, level, redactor);
  return {
    log: masked("log"),
    error: masked("error"),
    warn: masked("warn"),
    ...(logger.debug && { debug: masked("debug") }),
    ...(logger.verbose && { verbose: masked("verbose") }),
    ...(logger.fatal && { fatal: masked("fatal") }),
    ...(logger.setLogLevels && { setLogLevels: (levels: string[]) => logger.setLogLevels?.(levels) }),
  };
}

function maskedLevel(logger: LoggerService, level: Level, redactor: Redactor): LoggerService["log"] {
  return (...values) => {
    const print = () => {
      const [message, ...more] = values.map((value) => maskedValue(value, redactor));
      return logger[level]?.(message, ...more);
    };
    const printFixedLine = () => logger[level]?.(fixedLine);
    return withFallback(print, () => withFallback(printFixedLine, () => undefined));
  };
}

function maskedValue(value: unknown, redactor: Redactor): unknown {
  if (typeof value === "string") return redactor.redact(value, "nest");
  return typeof value === "function" ? maskedFunction(value, redactor) : redactor.deep(value, "nest");
}

/**
 * Returns a function in place of the class or lazy message: NestJS prints the name of a class, and calls any other function
 * only if the level is enabled.
 */
function maskedFunction(message: object, redactor: Redactor): unknown {
  const isClass = Function.prototype.toString.call(message).startsWith("class ");
  return () =>
    maskedValue(isClass ? (message as { readonly name: unknown }).name : (message as () => unknown)(), redactor);
}
