import { readings } from "./decodings.ts";
import { sinkTexts } from "./sink-text.ts";

/** Looks for values in outputs. */
export interface LeakCheck {
  /** @throws {Error} that names which sink leaks which value by number, never by content */
  assertNoLeak(...sinks: readonly unknown[]): void;
}

/** Shorter ones stand in any text by chance. */
const shortestValue = 4;
/** A value that is on its way to be printed is rarely printed whole; this much of it is a leak too. */
const tellingPart = 24;

/** Makes a check for values that the caller knows: those of a real store in an end-to-end test. */
export function leakCheck(values: Iterable<string | Uint8Array>): LeakCheck {
  const needles = [...values].map(toText).filter((value) => value.length >= shortestValue);
  return { assertNoLeak: (...sinks) => assertNone(needles, sinks) };
}

/** Values that mocks of this process issued. The testing door alone holds them, and only while tests run. */
const issued = new Set<string>();

/** Notes a value that must not come out anywhere. */
export function issue(value: string | Uint8Array): void {
  const text = toText(value);
  if (text.length >= shortestValue) issued.add(text);
}

/**
 * Fails if a value that any `mockSecrets` of this process issued stands in a string, buffer, stream, error or object, in
 * any common encoding. Values under four characters are not looked for. Of a stream it reads what is buffered.
 * @throws {Error} that names which sink leaks, never the value
 */
export function assertNoLeak(...sinks: readonly unknown[]): void {
  assertNone([...issued], sinks);
}

function assertNone(needles: readonly string[], sinks: readonly unknown[]): void {
  for (const [index, sink] of sinks.entries()) {
    for (const text of sinkTexts(sink)) {
      for (const reading of readings(text)) {
        const found = needles.findIndex((needle) => holds(reading, needle));
        if (found >= 0) throw new Error(`sink ${index + 1} of ${sinks.length} holds secret value number ${found + 1}`);
      }
    }
  }
}

function holds(text: string, needle: string): boolean {
  const trimmed = needle.trim().length >= shortestValue ? needle.trim() : needle;
  if (text.includes(trimmed)) return true;
  if (trimmed.length < 2 * tellingPart) return false;
  return text.includes(trimmed.slice(0, tellingPart)) || text.includes(trimmed.slice(-tellingPart));
}

function toText(value: string | Uint8Array): string {
  return typeof value === "string" ? value : Buffer.from(value).toString("utf8");
}
