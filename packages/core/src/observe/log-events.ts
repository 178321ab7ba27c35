import { atCaller } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";
import { eventLevels } from "../events/describe-event.ts";
import type { SecretEventLevel } from "../events/event-facts.ts";
import type { SecretEvent, SecretEvents } from "../events/events.ts";
import { checkArgument, checkOptions, rules } from "../name/check-options.ts";

/** A method of a logger, with any parameters. */
export type LogMethod = (...parameters: never[]) => unknown;

/** The used methods of a logger: pino, winston, NestJS, the console, or one with the same methods. */
export interface EventLogger {
  readonly debug?: LogMethod | undefined;
  readonly info?: LogMethod | undefined;
  readonly log?: LogMethod | undefined;
  readonly warn?: LogMethod | undefined;
  /** The method of winston with the levels of syslog. */
  readonly warning?: LogMethod | undefined;
  readonly error?: LogMethod | undefined;
}

/** The options of `logEvents`. */
export interface LogEventsOptions {
  /** The minimum level of logged events. Default: `info`. */
  readonly level?: SecretEventLevel | undefined;
}

/** Writes one event by one method of a logger. */
type Writer = (logger: EventLogger, method: keyof EventLogger, event: SecretEvent) => void;

/** level -> the methods that may write it; the first one that the logger has is used */
const methods: Readonly<Record<SecretEventLevel, readonly (keyof EventLogger)[]>> = {
  debug: ["debug"],
  info: ["info", "log"],
  warn: ["warn", "warning"],
  error: ["error"],
};

/**
 * Logs the messages of a client's events, until the returned function is called. pino and winston also get the members of the
 * event under the key `tacit`. No line contains a value.
 * @throws {SecretError} INVALID_CONFIG `option` for a logger without a required method
 */
export function logEvents(
  secrets: { readonly events: Pick<SecretEvents, "onAny"> },
  logger: EventLogger,
  options: LogEventsOptions = {},
): () => void {
  checkArgument("logEvents", "secrets.events", secrets?.events, rules.methods("onAny"));
  checkOptions("logEvents", options, { level: rules.oneOf(...eventLevels) });
  const levels = eventLevels.slice(eventLevels.indexOf(options.level ?? "info"));
  const chosen = new Map(levels.map((level) => [level, methodOf(logger, level)]));
  const lacking = levels.find((level) => chosen.get(level) === undefined);
  if (lacking !== undefined) throw atCaller(noMethod(lacking), logEvents);
  const write = writerFor(logger);
  return secrets.events.onAny((event) => {
    const method = chosen.get(event.level);
    if (method !== undefined) write(logger, method, event);
  });
}

function methodOf(logger: EventLogger, level: SecretEventLevel): keyof EventLogger | undefined {
  return methods[level].find((name) => typeof logger?.[name] === "function");
}

function noMethod(level: SecretEventLevel): SecretError {
  return new SecretError("INVALID_CONFIG", `the logger of logEvents has no method \`${methods[level][0]}\``, {
    reason: "option",
    tip: "Pass a logger of pino, winston or NestJS, or the console. `level` sets which events are logged.",
  });
}

/** Returns the writer for a logger, whose kind is recognised by its other methods. The kinds differ in the order of their parameters. */
function writerFor(logger: EventLogger): Writer {
  const has = (name: string): boolean => typeof (logger as Readonly<Record<string, unknown>>)[name] === "function";
  if (has("table")) return writeToConsole;
  if (has("child") && !has("log")) return writeToPino;
  return has("info") ? writeToWinston : writeToNest;
}

const writeToConsole: Writer = (logger, method, { message }) => call(logger, method, `tacit: ${message}`);
const writeToNest: Writer = (logger, method, { message }) => call(logger, method, message, "Tacit");

const writeToPino: Writer = (logger, method, event) => call(logger, method, factsOf(event), event.message);
const writeToWinston: Writer = (logger, method, event) => call(logger, method, event.message, factsOf(event));

/** Returns the members of an event under one key, since `name`, `level` and `message` have another meaning for loggers. */
function factsOf({ level: _, message: __, ...facts }: SecretEvent): object {
  return { tacit: facts };
}

/** Calls a method, which is looked up each time, since pino replaces its methods when its level changes. */
function call(logger: EventLogger, method: keyof EventLogger, ...parameters: unknown[]): void {
  logger[method]?.(...(parameters as never[]));
}
