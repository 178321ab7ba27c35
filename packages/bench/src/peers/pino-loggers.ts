import { redactPino } from "@tacit/core/redact";
import fastRedact from "fast-redact";
import type { LoggerOptions } from "pino";
import type { LogKind } from "../redact/log-lines.ts";
import { redactorOf } from "./line-maskers.ts";
import { alternationMarker, alternationOf } from "./regexp-alternation.ts";

/** One way to keep values out of what pino writes. */
export interface PinoLogger {
  readonly name: string;
  /** How many values it is given. */
  readonly values: number;
  readonly optionsFor: (values: readonly string[]) => LoggerOptions;
  /** Whether a value in the authorization header stays in the line. */
  readonly leaks?: true;
  /** What it is measured with; default request lines. */
  readonly kinds?: readonly LogKind[];
}

const everyKind: readonly LogKind[] = ["request", "escapes", "error"];
const plainPaths = ["req.headers.authorization", "req.headers.cookie", "user.password"];
const wildcardPaths = ["*.headers.authorization", "*.headers.cookie"];

/** What the others are compared with. */
export const plainLogger: PinoLogger = {
  name: "pino",
  values: 0,
  optionsFor: () => ({}),
  leaks: true,
  kinds: everyKind,
};

/** In the order of the tables; the first shows by how much two equal loggers differ. */
export const pinoLoggers: readonly PinoLogger[] = [
  { ...plainLogger, name: "pino, against itself" },
  { name: "pino redact, 3 plain paths", values: 0, optionsFor: () => ({ redact: plainPaths }), kinds: everyKind },
  { name: "pino redact, 2 wildcard paths", values: 0, optionsFor: () => ({ redact: wildcardPaths }) },
  { name: "fast-redact, 3 plain paths", values: 0, optionsFor: fastRedactOptions },
  { name: "one RegExp, 10 values", values: 10, optionsFor: regexpOptions, kinds: everyKind },
  { name: "one RegExp, 1,000 values", values: 1_000, optionsFor: regexpOptions },
  { name: "Tacit redactPino, 10 values", values: 10, optionsFor: tacitOptions, kinds: everyKind },
  { name: "Tacit redactPino, 1,000 values", values: 1_000, optionsFor: tacitOptions, kinds: everyKind },
];

/** The objects that are logged are made for the call, so they may be changed without being restored. */
function fastRedactOptions(): LoggerOptions {
  const redact = fastRedact({ paths: plainPaths, serialize: false });
  return { formatters: { log: (fields) => redact(fields) as Record<string, unknown> } };
}

function regexpOptions(values: readonly string[]): LoggerOptions {
  const regexp = alternationOf(values);
  return { hooks: { streamWrite: (line) => line.replace(regexp, alternationMarker) } };
}

function tacitOptions(values: readonly string[]): LoggerOptions {
  return redactPino({}, redactorOf(values));
}
