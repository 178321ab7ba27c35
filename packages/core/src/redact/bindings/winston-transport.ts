import { checkArgument } from "../../name/check-options.ts";
import { hide } from "../own-property.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule, transportRule } from "./argument-rules.ts";
import { fixedLine } from "./fixed-line.ts";
import { fixedInfo, redactInfo } from "./winston-info.ts";
import { withFallback } from "./with-fallback.ts";

/** The part of a winston transport that is given what to log: `log`, `logv` for batches, or `write` of any other stream. */
export interface WinstonTransport {
  /** Takes one info. */
  log?(...values: never[]): unknown;
  /** Takes several. */
  logv?(...values: never[]): unknown;
  /** Takes a line or a chunk, as any stream does. */
  write?(...values: never[]): unknown;
}

type Method = (this: unknown, ...values: unknown[]) => unknown;

/** What is put in the place of texts and infos. */
interface Change {
  text(text: string): string;
  info(info: object): object;
}

/** What streams queue. */
interface WriteRequest {
  readonly chunk: unknown;
  readonly encoding: unknown;
  readonly callback: unknown;
}

const fixing: Change = { text: () => fixedLine, info: fixedInfo };

/**
 * Masks the input of a winston transport: after its own format, and in the fields it reads. It changes this transport and
 * returns it; level, format and events stay the same. If the transport fails, it gets a fixed line; if it fails again, it emits
 * `warn`, as winston's own transports do, and nothing is thrown into the code that logs.
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
      // else the stream would wait for this line for ever
      done();
    };
    return withFallback(
      () => call(masking),
      () => withFallback(() => call(fixing), giveUp),
    );
  }
  // winston tells transports of its second major version by their number of parameters
  return Object.defineProperty(redacted, "length", { value: method.length });
}

function emitWarning(transport: unknown, error: unknown, redactor: Redactor): void {
  try {
    (transport as { emit?(event: string, error: Error): void }).emit?.("warn", redactor.error(error, "winston"));
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
    const masked = withFallback(
      () => redactor.deep(results, "winston"),
      () => [],
    );
    Reflect.apply(callback as Method, undefined, masked as unknown[]);
  };
}

/** An info, a batch of requests that hold one each, or the level and message that old transports are given beside the info. */
function changed(value: unknown, change: Change): unknown {
  if (typeof value === "string") return change.text(value);
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? value.map((request) => changedRequest(request, change)) : change.info(value);
}

/** Without the link to the next request of the queue. */
function changedRequest(request: Partial<WriteRequest>, change: Change): WriteRequest {
  const { chunk, encoding, callback } = request;
  return { chunk: changed(chunk, change), encoding, callback };
}
