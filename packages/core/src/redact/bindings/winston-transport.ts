import { hide } from "../own-property.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";
import { fixedInfo, redactInfo } from "./winston-info.ts";

/** The part of a winston transport that is given what to log: `log`, `logv` for batches, or `write` of any other stream. */
export interface WinstonTransport {
  log?(...values: never[]): unknown;
  logv?(...values: never[]): unknown;
  write?(...values: never[]): unknown;
}

type Method = (this: unknown, ...values: unknown[]) => unknown;

/**
 * Masks what a winston transport is given: after its own format, and in the fields it reads. It changes this transport and gives
 * it back; level, format and events stay as they are. If the transport throws, it is given a fixed line; if it throws again, it
 * emits `warn`, as winston's own transports do, and nothing is thrown into the code that logs.
 */
export function redactTransport<Transport extends WinstonTransport>(
  transport: Transport,
  redactor: Redactor = defaultRedactor,
): Transport {
  for (const name of typeof transport.log === "function" ? (["log", "logv"] as const) : (["write"] as const)) {
    const method: unknown = transport[name];
    if (typeof method === "function") hide(transport, name, redacting(method as Method, redactor));
  }
  return transport;
}

function redacting(method: Method, redactor: Redactor): Method {
  function redacted(this: unknown, ...values: unknown[]): unknown {
    const done = calledOnce(values.at(-1), redactor);
    const given = (change: (value: unknown, index: number) => unknown): unknown[] =>
      values.map((value, index) => (typeof value === "function" ? done : change(value, index)));
    try {
      return Reflect.apply(method, this, given(masking(redactor)));
    } catch {
      return lastAttempt(() => Reflect.apply(method, this, given(fixed)), this, done, redactor);
    }
  }
  // winston tells transports of its second major version by their number of parameters
  return Object.defineProperty(redacted, "length", { value: method.length });
}

function lastAttempt(write: () => unknown, transport: unknown, done: () => void, redactor: Redactor): unknown {
  try {
    return write();
  } catch (error) {
    emitWarning(transport, error, redactor);
    // else the stream would wait for this line for ever
    return done();
  }
}

function emitWarning(transport: unknown, error: unknown, redactor: Redactor): void {
  try {
    (transport as { emit?(event: string, error: Error): void }).emit?.("warn", redactor.error(error));
  } catch {
    // a listener failed, which is nothing to the code that logs
  }
}

/** The callback of a stream must not be called twice; what it is told may end up in a log. */
function calledOnce(callback: unknown, redactor: Redactor): (...results: unknown[]) => void {
  let called = typeof callback !== "function";
  return (...results) => {
    if (called) return;
    called = true;
    (callback as Method)(...results.map((result) => redactor.deep(result)));
  };
}

/** Infos, batches of requests that hold one each, and the level and message that old transports are given beside the info. */
function masking(redactor: Redactor): (value: unknown) => unknown {
  const mask = (value: unknown): unknown => {
    if (typeof value === "string") return redactor.redact(value, "winston");
    if (typeof value !== "object" || value === null) return value;
    return Array.isArray(value) ? value.map(inRequest(mask)) : redactInfo(value, redactor);
  };
  return mask;
}

function fixed(value: unknown, index: number): unknown {
  if (typeof value === "string") return index === 0 ? value : fixedLine;
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? value.map(inRequest(fixed)) : fixedInfo(value);
}

/** Without the link to the next request of the queue, which is not masked. */
function inRequest(change: (value: unknown, index: number) => unknown): (request: unknown) => unknown {
  return (request) => {
    if (typeof request !== "object" || request === null || !("chunk" in request)) return change(request, 1);
    const { chunk, encoding, callback } = request as { chunk: unknown; encoding?: unknown; callback?: unknown };
    return { chunk: change(chunk, 1), encoding, callback };
  };
}
