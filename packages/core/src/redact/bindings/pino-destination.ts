import { checkArgument, rules } from "../../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule } from "./argument-rules.ts";
import { maskedLine, uncheckedLine } from "./pino-line.ts";

/** A destination of pino: a sonic-boom, a stream, a transport, a multistream, or an object with this one method. */
export interface PinoDestination {
  /** Writes one finished line. */
  write(line: string): unknown;
}

const metadata = Symbol.for("pino.metadata");

/** Destination created here -> its redactor. */
const destinations = new WeakMap<object, Redactor>();

/**
 * Wraps a destination so that it receives masked lines: for pino before 9.6, for a destination that reads pino's metadata, and
 * for any other object to which lines are written. All other members are passed through (`flushSync`, `end`, `reopen`, events,
 * level entries of a multistream). The given destination is neither changed nor owned.
 *
 * Each call must contain whole lines of JSON or text, as pino's do; a value that is split between two calls is not masked. For
 * arbitrary chunks use `redactor.writable`. In the metadata, `lastMsg` and `lastObj` are masked copies, and `lastLogger` is
 * undefined because its bindings are not masked.
 * @throws {SecretError} INVALID_CONFIG for a wrong argument
 */
export function redactDestination<Destination extends PinoDestination>(
  stream: Destination,
  redactor: Redactor = defaultRedactor,
): Destination {
  checkArgument("redactDestination", "redactor", redactor, redactorRule);
  checkArgument("redactDestination", "stream", stream, rules.methods("write"));
  if (destinations.get(stream) === redactor) return stream;
  const call = (method: Method, given: unknown[]): unknown => {
    const result = method.apply(stream, given);
    if (result === stream) return redacted;
    // The `clone` of a multistream writes to the same streams.
    return isDestination(result) ? redactDestination(result, redactor) : result;
  };
  // Read at each call, because pino replaces the method after the reader has closed.
  const write: Method = (chunk, ...rest) => call(stream.write as Method, [masked(chunk, redactor), ...rest]);

  // The target is an empty object that inherits from the stream: a proxy must return the members of a frozen target unchanged.
  const redacted = new Proxy(Object.create(stream) as Destination, {
    get(_, key) {
      if (key === "write") return write;
      const member: unknown = Reflect.get(stream, key);
      if (typeof member !== "function" || key === "constructor") return member;
      if (key !== "end") return (...given: unknown[]) => call(member as Method, given);
      return (...given: unknown[]) =>
        call(
          member as Method,
          given.map((one) => masked(one, redactor)),
        );
    },
    set: (_, key, value) => Reflect.set(stream, key, maskedMetadata(stream, key, value, redactor)),
  });
  destinations.set(redacted, redactor);
  return redacted;
}

type Method = (...given: unknown[]) => unknown;

/** Masks a line, or bytes; the callback of `end` is returned unchanged. */
function masked(chunk: unknown, redactor: Redactor): unknown {
  if (typeof chunk === "string") return maskedLine(chunk, redactor);
  try {
    return redactor.deep(chunk, "pino");
  } catch {
    return uncheckedLine;
  }
}

/** Masks the metadata that pino sets on a destination before it writes. */
function maskedMetadata(stream: object, key: PropertyKey, value: unknown, redactor: Redactor): unknown {
  if (key === "lastLogger") return undefined;
  if (key !== "lastMsg" && key !== "lastObj") return value;
  return readsMetadata(stream) ? masked(value, redactor) : undefined;
}

/**
 * Whether a destination reads metadata. A multistream always requests it, although often none of its streams reads it, and
 * copying a request is expensive.
 */
function readsMetadata(stream: unknown): boolean {
  if (!isDestination(stream) || Reflect.get(stream, metadata) !== true) return false;
  const inner: unknown = Reflect.get(stream, "streams");
  return !Array.isArray(inner) || inner.some((entry: { stream?: unknown }) => readsMetadata(entry.stream));
}

function isDestination(value: unknown): value is PinoDestination {
  return typeof value === "object" && value !== null && "write" in value && typeof value.write === "function";
}
