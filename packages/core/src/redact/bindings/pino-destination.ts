import { checkArgument, rules } from "../../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule } from "./argument-rules.ts";
import { maskedLine, uncheckedLine } from "./pino-line.ts";

/** Whatever pino can write to: sonic-boom, a stream, a transport, a multistream, an object with this one method. */
export interface PinoDestination {
  /** Takes one finished line. */
  write(line: string): unknown;
}

const metadata = Symbol.for("pino.metadata");

/** destination made here -> what it masks with */
const destinations = new WeakMap<object, Redactor>();

/**
 * Wraps a destination so that it gets masked lines: for a pino before 9.6, for a destination that reads pino's metadata, and
 * for anything else that is written line by line. Everything else is passed through (`flushSync`, `end`, `reopen`, events,
 * level entries of a multistream), and the given destination is neither changed nor owned.
 *
 * Each call must contain whole lines, JSON or text, as pino's do; a value that is split between two calls is not masked. For
 * arbitrary chunks use `redactor.writable`. Of the metadata, `lastMsg` and `lastObj` are masked copies and `lastLogger` is
 * undefined, since its bindings are not masked.
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
    // a multistream's `clone` writes to the same streams
    return isDestination(result) ? redactDestination(result, redactor) : result;
  };
  // looked up at each call: pino replaces the method once the reader has gone away
  const write: Method = (chunk, ...rest) => call(stream.write as Method, [masked(chunk, redactor), ...rest]);

  // the target is empty and inherits, for a proxy must give the members of its target as they are if that is frozen
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

/** Other than lines there are bytes, and the callback that `end` may be given with or without a last line. */
function masked(chunk: unknown, redactor: Redactor): unknown {
  if (typeof chunk === "string") return maskedLine(chunk, redactor);
  try {
    return redactor.deep(chunk, "pino");
  } catch {
    return uncheckedLine;
  }
}

/** What pino sets on a destination before it writes to it. */
function maskedMetadata(stream: object, key: PropertyKey, value: unknown, redactor: Redactor): unknown {
  if (key === "lastLogger") return undefined;
  if (key !== "lastMsg" && key !== "lastObj") return value;
  return readsMetadata(stream) ? masked(value, redactor) : undefined;
}

/** A multistream asks for metadata in case one of its streams does; a copy of a request is too dear to be made in vain. */
function readsMetadata(stream: unknown): boolean {
  if (!isDestination(stream) || Reflect.get(stream, metadata) !== true) return false;
  const inner: unknown = Reflect.get(stream, "streams");
  return !Array.isArray(inner) || inner.some((entry: { stream?: unknown }) => readsMetadata(entry.stream));
}

function isDestination(value: unknown): value is PinoDestination {
  return typeof value === "object" && value !== null && "write" in value && typeof value.write === "function";
}
