import { CanonicalWriter } from "./canonical-writer.ts";
import { escapeAt } from "./escape.ts";
import { encodedFiller } from "./filler.ts";
import { OriginMap } from "./origin-map.ts";

/** A text without its escapes, as bytes, with the origin of each byte. */
export interface CanonicalView {
  /** UTF-8, one character a byte. */
  readonly text: string;
  /** Returns the start, in the original, of the character to which a byte belongs. */
  startOf(index: number): number;
  /** Returns the end of that character in the original. */
  endOf(index: number): number;
  /** Returns the start with up to so many dropped characters before it; `endWith` returns the end in the same way. */
  startWith(index: number, droppedBefore: number): number;
  endWith(index: number, droppedAfter: number): number;
}

/** An escape in a view, or the UTF-8 of a dropped character. */
const leftEscape = new RegExp(
  `%[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{1,18};|\\p{Cc}\\[[0-?]*[@-~]|${encodedFiller.source}`,
  "u",
);
const mostPasses = 4;
/** A buffer that is long enough for most lines; allocating one would take longer than reading a line. */
const lineRoom = new Uint8Array(16_384);

/**
 * Decodes backslash, percent and HTML escapes, also nested ones, and drops white space, invisible characters, quotes, control
 * sequences of terminals and the plus signs between the pieces of a string. The view of a value equals the view of its escaped,
 * wrapped, quoted or indented forms.
 */
export function canonicalView(text: string): CanonicalView {
  const { view, origins } = written(text);
  const startOf = (index: number) => origins.startOf(index);
  const endOf = (index: number) => origins.endOf(index);
  return {
    text: view,
    startOf,
    endOf,
    startWith(index, count) {
      const dropped = count === 0 ? [] : droppedIn(text, index === 0 ? 0 : endOf(index - 1), startOf(index));
      return dropped.at(-count)?.start ?? dropped[0]?.start ?? startOf(index);
    },
    endWith(index, count) {
      const next = index + 1 < view.length ? startOf(index + 1) : text.length;
      const dropped = count === 0 ? [] : droppedIn(text, endOf(index), next);
      return dropped[Math.min(count, dropped.length) - 1]?.end ?? endOf(index);
    },
  };
}

/** Returns only the bytes of that view. */
export function canonicalBytes(text: string): Uint8Array {
  return Buffer.from(written(text).view, "latin1");
}

/** Returns those bytes and the numbers of characters that were dropped at both ends. */
export function canonicalForm(text: string): {
  readonly bytes: Uint8Array;
  readonly droppedBefore: number;
  readonly droppedAfter: number;
} {
  const { view, origins } = written(text);
  const bytes = Buffer.from(view, "latin1");
  if (view === "") return { bytes, droppedBefore: 0, droppedAfter: 0 };
  return {
    bytes,
    droppedBefore: droppedIn(text, 0, origins.startOf(0)).length,
    droppedAfter: droppedIn(text, origins.endOf(view.length - 1), text.length).length,
  };
}

interface Written {
  readonly view: string;
  readonly origins: OriginMap;
}

/** Decodes repeatedly while escapes remain, because an escape may be escaped itself, as in `%\u0034\u0031`. */
function written(text: string): Written {
  const { view, origins } = new CanonicalWriter(lineRoom).write(text, false);
  let last: Written = { view, origins };
  for (let pass = 1; pass < mostPasses && leftEscape.test(last.view); pass++) last = writtenAgain(last);
  return last;
}

function writtenAgain(before: Written): Written {
  const { text, places } = withGaps(before);
  const { view, origins } = new CanonicalWriter(lineRoom).write(text, true);
  const composed = new OriginMap();
  for (let index = 0; index < view.length; index++) {
    const first = places[origins.startOf(index)] as number;
    const last = places[origins.endOf(index) - 1] as number;
    composed.addEscape(index, before.origins.startOf(first), before.origins.endOf(last));
  }
  return { view, origins: composed };
}

/** Returns the view with a space at each dropped character, so that the characters around it do not form an escape. */
function withGaps({ view, origins }: Written): { readonly text: string; readonly places: readonly number[] } {
  let text = "";
  const places: number[] = [];
  for (let index = 0; index < view.length; index++) {
    const start = origins.startOf(index);
    const isApart = index > 0 && start !== origins.startOf(index - 1) && start !== origins.endOf(index - 1);
    text += isApart ? ` ${view[index]}` : view[index];
    places.push(...(isApart ? [index, index] : [index]));
  }
  return { text, places };
}

/** Returns the dropped characters in a range of the original, escaped or not. */
function droppedIn(
  text: string,
  from: number,
  to: number,
): readonly { readonly start: number; readonly end: number }[] {
  const dropped: { start: number; end: number }[] = [];
  for (let at = from; at < to; ) {
    const { code, start, end } = escapeAt(text, at);
    at = Math.min(to, end);
    const last = dropped.at(-1);
    if (last !== undefined && isContinuation(code)) last.end = at;
    else dropped.push({ start: Math.min(start, at), end: at });
  }
  return dropped;
}

/** Whether an escape encodes a continuation byte of UTF-8. */
function isContinuation(code: number | undefined): boolean {
  return code !== undefined && code <= -1 - 0x80 && code >= -1 - 0xbf;
}
