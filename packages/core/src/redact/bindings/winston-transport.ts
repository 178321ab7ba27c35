import { checkArgument } from "../../name/check-options.ts";
import { hide } from "../own-property.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule, transportRule } from "./argument-rules.ts";
import { fixedLine } from "./fixed-line.ts";
import { fixedInfo, redactInfo } from "./winston-info.ts";
import { withFallback } from "./with-fallback.ts";

/** The part of a winston transport that receives the log: `log`, `logv` for batches, or `write` of any other stream. */
export interface WinstonTransport {
  /** Logs one info. */
  log?(...values: never[]): unknown;
  /** Logs a batch of infos. */
  logv?(...values: never[]): unknown;
  /** Writes a line or a chunk, as any stream does. */
  write?(...values: never[]): unknown;
}

type Method = (this: unknown, ...values: unknown[]) => unknown;

/** The replacement of texts and infos. */
interface Change {
  text(text: string): string;
  info(info: object): object;
}

/** An element of the queue of a stream. */
interface WriteRequest {
  readonly chunk: unknown;
  readonly encoding: unknown;
  readonly callback: unknown;
}

const fixing: Change = { text: () => fixedLine, info: fixedInfo };

/**
 * Masks the output of a winston transport's own format and the fields that it reads. Changes the transport itself and returns
 * it; its level, format and events stay the same. A transport that fails is called again with a fixed line. If that fails too,
 * it emits `warn`, as winston's own transports do; no error is thrown into the code that logs.
 * @throws {SecretError} INVALID_CONFIG for a wrong argument
 */
export function redactTransport<Transport extends WinstonTransport>(
  transport: Transport,
  redactor: Redactor = defaultRedactor,
): Transport {
  checkArgument("redactTransport", "transport", transport, transportRule);
  checkArgument("redactTransport", "redactor", redactor, redactorRule);
  for (const name of typeof transport.log === "function" ? (["log", "logv"] as const) : (["write"] as const)) {
    const method: unknown = transport[name];
    if (typeof method === "function") hide(transport, name, redacting(method as Method, redactor));
  }
  return transport;
}

function redacting(method: Method, redactor: Redactor): Method {
  const masking: Change = {
    text: (text) => redactor.redact(text, "winston"),
    info: (info) => redactInfo(info, redactor),
  };
  function redacted(this: unknown, ...values: unknown[]): unknown {
    const done = calledOnce(values.at(-1), redactor);
    const call = (change: Change) => {
      const given = values.map((value) => (typeof value === "function" ? done : changed(value, change)));
      return Reflect.apply(method, this, given);
    };
    const giveUp = (error: unknown) => {
      emitWarning(this, error, redactor);
      // Otherwise the stream would wait for this line forever.
      done();
    };
    return withFallback(
      () => call(masking),
      () => withFallback(() => call(fixing), giveUp),
    );
  }
  // Winston recognizes transports for its version 2 by their number of parameters.
  return Object.defineProperty(redacted, "length", { value: method.length });
}

function emitWarning(transport: unknown, error: unknown, redactor: Redactor): void {
  try {
    (transport as { emit?(event: string, error: Error): void }).emit?.("warn", redactor.error(error, "winston"));
  } catch {
    // A failing listener must not affect the code that logs.
  }
}

/** Wraps the callback of a stream, which must be called only once, and masks its arguments, which may be logged. */
function calledOnce(callback: unknown, redactor: Redactor): (...results: unknown[]) => void {
  let called = typeof callback !== "function";
  return (...results) => {
    if (called) return;
    called = true;
    const masked = withFallback(
      () => redactor.deep(results, "winston"),
      () => [],
    );
    Reflect.apply(callback as Method, undefined, masked as unknown[]);
  };
}

/** Changes an info, a batch of write requests, or the level and message that old transports receive in addition. */
function changed(value: unknown, change: Change): unknown {
  if (typeof value === "string") return change.text(value);
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? value.map((request) => changedRequest(request, change)) : change.info(value);
}

/** Copies a request without the link to the next one. */
function changedRequest(request: Partial<WriteRequest>, change: Change): WriteRequest {
  const { chunk, encoding, callback } = request;
  return { chunk: changed(chunk, change), encoding, callback };
}
