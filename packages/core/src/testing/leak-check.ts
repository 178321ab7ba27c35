import { checkArgument } from "../name/check-options.ts";
import { readings } from "./decodings.ts";
import { type Pattern, patternOf, viewsOf } from "./pattern.ts";
import { sinkTexts } from "./sink-text.ts";

/** Looks for values in outputs. */
export interface LeakCheck {
  /** @throws {Error} that states by number which sink leaks which value, never by content */
  assertNoLeak(...sinks: readonly unknown[]): void;
}

/** Makes a check for values that the caller knows: those of a real store in an end-to-end test. */
export function leakCheck(values: Iterable<string | Uint8Array>): LeakCheck {
  const list = isList(values) ? [...values] : undefined;
  checkArgument("leakCheck", "values", list, areValues);
  const patterns = (list ?? []).flatMap((value) => patternOf(value) ?? []);
  return { assertNoLeak: (...sinks) => assertNone(patterns, sinks) };
}

/** A text would be looked for letter by letter, and so never be found. */
function isList(values: Iterable<unknown>): boolean {
  return (
    typeof values === "object" && !(values instanceof Uint8Array) && typeof values?.[Symbol.iterator] === "function"
  );
}

function areValues(list: unknown): string | undefined {
  const isValue = (value: unknown): boolean => typeof value === "string" || value instanceof Uint8Array;
  return Array.isArray(list) && list.every(isValue) ? undefined : "must be a list of texts or bytes";
}

/** value -> its pattern, of what mocks of this process issued. The entry point for tests alone holds them, and only while tests run. */
const issued = new Map<string, Pattern>();

/** Notes a value that must not come out anywhere. */
export function issue(value: string | Uint8Array): void {
  const key = Buffer.from(value).toString("latin1");
  if (issued.has(key)) return;
  const pattern = patternOf(value);
  if (pattern !== undefined) issued.set(key, pattern);
}

/**
 * Fails if a value that any `mockSecrets` of this process issued, or a significant part of it, appears in a string, buffer,
 * stream, error or object, in any common encoding. Values under four characters are not searched for. Of a stream it reads what
 * is buffered.
 * @throws {Error} that states which sink leaks, never the value
 */
export function assertNoLeak(...sinks: readonly unknown[]): void {
  assertNone([...issued.values()], sinks);
}

function assertNone(patterns: readonly Pattern[], sinks: readonly unknown[]): void {
  for (const [index, sink] of sinks.entries()) {
    for (const text of sinkTexts(sink)) {
      for (const reading of readings(text)) {
        const views = viewsOf(reading);
        const found = patterns.findIndex((pattern) => pattern.isIn(views));
        if (found >= 0)
          throw new Error(`sink ${index + 1} of ${sinks.length} contains secret value number ${found + 1}`);
      }
    }
  }
}
