import { atCaller } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";
import { eventLevels } from "../events/describe-event.ts";
import type { SecretEventLevel } from "../events/event-facts.ts";
import type { SecretEvent, SecretEvents } from "../events/events.ts";
import { checkArgument, checkOptions, rules } from "../name/check-options.ts";

/** A method of a logger, with any parameters. */
export type LogMethod = (...parameters: never[]) => unknown;

/** The methods of a logger that are called: of pino, winston, NestJS, the console, or a logger of the same shape. */
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
  /** The least important level that is logged; default `info`. */
  readonly level?: SecretEventLevel | undefined;
}

/** Writes one event by one method of a logger. */
type Writer = (logger: EventLogger, method: keyof EventLogger, event: SecretEvent) => void;

/** level -> the methods that write it, the first of which a logger has */
const methods: Readonly<Record<SecretEventLevel, readonly (keyof EventLogger)[]>> = {
  debug: ["debug"],
  info: ["info", "log"],
  warn: ["warn", "warning"],
  error: ["error"],
};

/**
 * Logs the events of a client, each with its sentence, from now on until the function returned is called. pino and winston also
 * get the facts of the event, under the key `tacit`; no line contains a value.
 * @throws {SecretError} INVALID_CONFIG, reason `option`, for a logger that lacks a method
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

/** The shapes differ in the order of their parameters, and tell themselves apart by what else they have. */
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

/** Under a key of their own: `name`, `level` and `message` mean something else to a logger. */
function factsOf({ level: _, message: __, ...facts }: SecretEvent): object {
  return { tacit: facts };
}

/** Looked up at each call, since pino replaces its methods when its level changes. */
function call(logger: EventLogger, method: keyof EventLogger, ...parameters: unknown[]): void {
  logger[method]?.(...(parameters as never[]));
}
