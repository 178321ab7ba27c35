import { readings } from "./decodings.ts";
import { type Needle, needleOf, viewsOf } from "./needle.ts";
import { sinkTexts } from "./sink-text.ts";

/** Looks for values in outputs. */
export interface LeakCheck {
  /** @throws {Error} that names which sink leaks which value by number, never by content */
  assertNoLeak(...sinks: readonly unknown[]): void;
}

/** Makes a check for values that the caller knows: those of a real store in an end-to-end test. */
export function leakCheck(values: Iterable<string | Uint8Array>): LeakCheck {
  const needles = [...values].flatMap((value) => needleOf(value) ?? []);
  return { assertNoLeak: (...sinks) => assertNone(needles, sinks) };
}

/** value -> its needle, of what mocks of this process issued. The testing door alone holds them, and only while tests run. */
const issued = new Map<string, Needle>();

/** Notes a value that must not come out anywhere. */
export function issue(value: string | Uint8Array): void {
  const key = Buffer.from(value).toString("latin1");
  if (issued.has(key)) return;
  const needle = needleOf(value);
  if (needle !== undefined) issued.set(key, needle);
}

/**
 * Fails if a value that any `mockSecrets` of this process issued stands in a string, buffer, stream, error or object, in
 * any common encoding, or a telling part of it. Values under four characters are not looked for. Of a stream it reads what
 * is buffered.
 * @throws {Error} that names which sink leaks, never the value
 */
export function assertNoLeak(...sinks: readonly unknown[]): void {
  assertNone([...issued.values()], sinks);
}

function assertNone(needles: readonly Needle[], sinks: readonly unknown[]): void {
  for (const [index, sink] of sinks.entries()) {
    for (const text of sinkTexts(sink)) {
      for (const reading of readings(text)) {
        const views = viewsOf(reading);
        const found = needles.findIndex((needle) => needle.isIn(views));
        if (found >= 0) throw new Error(`sink ${index + 1} of ${sinks.length} holds secret value number ${found + 1}`);
      }
    }
  }
}
