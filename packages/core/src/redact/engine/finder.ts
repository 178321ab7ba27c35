import { byteListsIn } from "./byte-list.ts";
import { type CanonicalView, canonicalView } from "./canonical-view.ts";
import type { NeedleIndex } from "./needle-index.ts";
import type { PrefixTable } from "./prefix-table.ts";
import { ordered, type Range } from "./range.ts";

/** Whether a text may be cut anywhere, or is JSON that must stay valid. */
export type TextKind = "text" | "json";

/** Anything that may be part of an escape, of a value broken over lines, or of a dump of bytes. */
const trigger = /[\\%&]|\n(?!$)|<B|\{ ?['"]?0['"]?:/;
/** Fewer bytes at the end of a list that was cut off are there by chance. */
const minPartial = 8;

/** Every place where a registered value stands in a text, in whatever encoding. */
export class Finder {
  readonly #index: NeedleIndex;
  readonly #prefixes: PrefixTable;

  constructor(index: NeedleIndex, prefixes: PrefixTable) {
    this.#index = index;
    this.#prefixes = prefixes;
  }

  /** In order; places of different values may overlap. */
  find(text: string): readonly Range[] {
    if (this.#index.isEmpty) return [];
    const { ranges, hasNumbers } = this.#index.search(text);
    if (!hasNumbers && !trigger.test(text)) return ranges.length < 2 ? ranges : ordered(ranges);
    const view = canonicalView(text);
    const escaped = unlessPlain(text, ranges, this.#escapedIn(view));
    return ordered([...ranges, ...escaped, ...this.#byteListsIn(view)]);
  }

  *#escapedIn(view: CanonicalView): Generator<Range> {
    for (const { start, end, needle, encoding } of this.#index.search(view.text).ranges) {
      // Without the white space around it any few characters may look like a word.
      if (needle.isWord) continue;
      const name = encoding === "raw" ? "escaped" : encoding;
      yield { start: view.startOf(start), end: view.endOf(end - 1), needle, encoding: name };
    }
  }

  *#byteListsIn(view: CanonicalView): Generator<Range> {
    for (const { bytes, starts, ends, isCut } of byteListsIn(view.text)) {
      const { ranges } = this.#index.search(bytes);
      const partial = isCut ? this.#prefixes.partialMatch(bytes, minPartial) : undefined;
      const found = partial === undefined ? ranges : [...ranges, { ...partial, end: bytes.length }];
      for (const { start, end, needle } of found) {
        const first = view.startOf(starts[start] as number);
        yield { start: first, end: view.endOf((ends[end - 1] as number) - 1), needle, encoding: "bytes" };
      }
    }
  }
}

/**
 * Leaves out what was also found without undoing anything: backslashes right before it may be an escape of its first character, or
 * not, and only who knows the kind of text can tell.
 */
function* unlessPlain(text: string, plain: readonly Range[], escaped: Iterable<Range>): Generator<Range> {
  const ends = new Map(plain.map((range) => [range.end, range]));
  for (const range of escaped) {
    const same = ends.get(range.end);
    const isSame = same?.needle === range.needle && same.start >= range.start;
    if (!isSame || /[^\\]/.test(text.slice(range.start, same.start))) yield range;
  }
}
