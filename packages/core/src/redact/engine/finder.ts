import { byteListsIn, dumpStart } from "./byte-list.ts";
import { type CanonicalView, canonicalView } from "./canonical-view.ts";
import { type CharacterList, characterListsIn, characterListsInView } from "./character-list.ts";
import { cutValuesIn, mayBeCut } from "./cut-text.ts";
import { beforeBackslashes, escapeAt, introducerEndsAt } from "./escape.ts";
import type { Pattern, TrimmedVariant } from "./pattern.ts";
import type { PatternIndex } from "./pattern-index.ts";
import type { PrefixTable } from "./prefix-table.ts";
import { merged, ordered, type Range } from "./range.ts";
import { codeEscape, controlOf, mostExactLevels, unescaped } from "./unescaped.ts";

/** The kind of a text: JSON must stay valid after values are replaced. */
export type TextKind = "text" | "json";

/** Characters above ASCII that the canonical view drops. */
const invisible = String.raw`\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff`;
/**
 * Matches characters that may belong to an escape, a control sequence, UTF-16, the joint of two pieces, a dump of bytes or a
 * quotation of JSON.parse. Each alternative begins with a rare character, so that the search is fast.
 */
const trigger = new RegExp(
  [
    String.raw`[\0\\%&\t\x1b]`,
    String.raw`\n(?!$)`,
    "<B",
    "''",
    "``",
    String.raw`\+(?<=["'\x60\s]\+)`,
    "J(?<= is not valid J)SON",
    // fewer characters between two of them are no evidence by themselves
    `[${invisible}](?=[^${invisible}]{1,6}[${invisible}])`,
  ].join("|"),
);
/** The first member of a text that was spread into an object. */
const mayBeSpread = /\b0\\*["'`]?\s*:\s*\\*["'`]/;
const mostSpreadLevels = 3;
const mostNested = 2;
/** Consecutive numbers, with or without indexes, in a text without spaces. */
const mayHaveNumbers = /(?:\d{1,3},(?:\d{1,6}:)?){7}/;
const plus = 0x2b;
const noRanges: readonly Range[] = [];
/** The minimum number of bytes at the end of a shortened list; fewer occur by chance. */
const minPartial = 8;

/** Finds every occurrence of registered values in a text, in any encoding. */
export class Finder {
  readonly #index: PatternIndex;
  readonly #prefixes: PrefixTable;
  /** The number of spread texts and lists of bytes around the searched text. */
  #nesting = 0;

  constructor(index: PatternIndex, prefixes: PrefixTable) {
    this.#index = index;
    this.#prefixes = prefixes;
  }

  /** A number that changes with the registered values. */
  get revision(): number {
    return this.#index.revision;
  }

  /** Returns the occurrences, in order; those of different values may overlap. */
  find(text: string): readonly Range[] {
    const index = this.#index;
    if (index.isEmpty) return noRanges;
    const ranges = index.search(text);
    const hasHidden = index.sawPiece || index.sawList || trigger.test(text);
    return ranges.length === 0 && !hasHidden ? noRanges : this.#rangesOf(text, ranges, hasHidden);
  }

  #rangesOf(text: string, ranges: readonly Range[], hasHidden: boolean): readonly Range[] {
    const isCut = mayBeCut(text);
    const plain = ranges.filter(isUntrimmed);
    if (!hasHidden) return ordered(plain);
    const hidden = this.#hiddenIn(text, plain, isCut);
    const lists = this.#characterListsIn(text, 0);
    const cut = isCut
      ? unlessKnown(text, [...plain, ...hidden], [...cutValuesIn(text, this.#prefixes, this.#index)])
      : [];
    return ordered([...plain, ...lists, ...hidden, ...cut]);
  }

  /**
   * Returns the occurrences that are found only after escapes are decoded: first exactly one level, which distinguishes a
   * backslash of the text from an escaping one, then all levels at once.
   */
  #hiddenIn(text: string, plain: readonly Range[], isCut: boolean, level = 1): readonly Range[] {
    if (!text.includes("\\")) return unlessKnown(text, plain, this.#escapedIn(text, isCut));
    const { text: reading, origins } = unescaped(text);
    const inText = (range: Range): Range => ({
      ...range,
      start: origins.startOf(range.start),
      end: origins.endOf(range.end - 1),
    });
    const exact = this.#index.search(reading).filter(isUntrimmed);
    const escaped = unlessKnown(reading, exact, this.#escapedIn(reading, isCut));
    const lists = this.#characterListsIn(reading, mostSpreadLevels);
    const isNested = level < mostExactLevels && codeEscape.test(reading);
    const nested = isNested ? this.#hiddenIn(reading, [...exact, ...escaped], isCut, level + 1) : [];
    const hidden = unlessKnown(text, plain, [...escaped, ...nested].map(inText));
    return [...exact.map(inText), ...lists.map(inText), ...hidden];
  }

  #escapedIn(text: string, isCut: boolean): readonly Range[] {
    const view = canonicalView(text);
    const found = this.#index.search(view.text);
    const mayHaveBytes = mayHaveNumbers.test(view.text) || view.text.includes(dumpStart);
    const escaped = [
      ...(found.length === 0 ? [] : variantsIn(view, text, found)),
      ...(mayHaveBytes ? this.#byteListsIn(view) : []),
      ...this.#charactersOf(view),
    ];
    if (isCut || mayBeCut(view.text)) {
      for (const range of cutValuesIn(view.text, this.#prefixes, this.#index))
        escaped.push({ ...range, start: view.startOf(range.start), end: view.endOf(range.end - 1) });
    }
    return escaped;
  }

  *#charactersOf(view: CanonicalView): Generator<Range> {
    for (const list of characterListsInView(view.text)) {
      for (const { start, end, pattern, encoding } of this.#rangesIn(list))
        yield { start: view.startOf(start), end: view.endOf(end - 1), pattern, encoding };
    }
  }

  /**
   * Returns values in spread texts, at up to so many levels of escapes, because a line may be logged as the message of another
   * one.
   */
  #characterListsIn(text: string, levels: number): readonly Range[] {
    if (!mayBeSpread.test(text)) return [];
    const ranges = [...characterListsIn(text)].flatMap((list) => [...this.#rangesIn(list)]);
    if (levels === 0 || !text.includes("\\")) return ranges;
    const { text: reading, origins } = unescaped(text);
    const inner = this.#characterListsIn(reading, levels - 1);
    return [
      ...ranges,
      ...inner.map((range) => ({ ...range, start: origins.startOf(range.start), end: origins.endOf(range.end - 1) })),
    ];
  }

  /** Returns ranges from the first to the last character of each value in a spread text, in any order and encoding. */
  *#rangesIn({ text, starts, ends }: CharacterList): Generator<Range> {
    for (const { start, end, pattern } of this.#foundInside(text)) {
      const first = starts.slice(start, end).reduce((least, at) => Math.min(least, at));
      const last = ends.slice(start, end).reduce((most, at) => Math.max(most, at));
      yield { start: first, end: last, pattern, encoding: "characters" };
    }
  }

  #foundInside(text: string): readonly Range[] {
    if (this.#nesting === mostNested) return noRanges;
    this.#nesting++;
    try {
      return this.find(text);
    } finally {
      this.#nesting--;
    }
  }

  *#byteListsIn(view: CanonicalView): Generator<Range> {
    for (const { bytes, starts, ends, isCut } of byteListsIn(view.text)) {
      const ranges = this.#foundInside(bytes);
      const partial = isCut ? this.#prefixes.partialMatch(bytes, minPartial) : undefined;
      const found = partial === undefined ? ranges : [...ranges, { ...partial, end: bytes.length }];
      for (const { start, end, pattern } of found) {
        const first = view.startOf(starts[start] as number);
        yield { start: first, end: view.endOf((ends[end - 1] as number) - 1), pattern, encoding: "bytes" };
      }
    }
  }
}

/** Converts positions of variants in a view into positions in the text. */
function* variantsIn(view: CanonicalView, text: string, found: readonly Range[]): Generator<Range> {
  for (const { start, end, pattern, encoding, trimmed } of found) {
    // Without the white space around them, any few characters may look like a word.
    if (pattern.isWord) continue;
    const { droppedBefore, droppedAfter } = trimmed ?? pattern;
    const first = view.startWith(start, droppedBefore);
    const before = beforeBackslashes(text, first);
    const last = takenEnd(text, view.endWith(end - 1, droppedAfter), pattern, trimmed);
    if (last === undefined) continue;
    // A plus sign at an edge is dropped or kept depending on its neighbours.
    const hasPlus = droppedBefore > 0 && pattern.bytes[0] === plus && text.charCodeAt(before - 1) === plus;
    const endsInPlus = droppedAfter > 0 && pattern.bytes.at(-1) === plus && text.charCodeAt(last) === plus;
    const from = trimmed?.takenBefore
      ? (takenStart(text, first, pattern, trimmed) ?? takenStart(text, before, pattern, trimmed))
      : hasPlus
        ? before - 1
        : first;
    const to = endsInPlus ? last + 1 : last;
    if (from === undefined) continue;
    yield { start: from, end: to, pattern, encoding: encoding === "raw" ? "escaped" : encoding };
  }
}

/** Whether a range has all characters of its pattern; trimmed variants are searched only in the view. */
function isUntrimmed({ trimmed }: Range): boolean {
  return trimmed === undefined || trimmed.takenBefore + trimmed.takenAfter === 0;
}

/** The maximum length of trimmed characters, even if they are escaped. */
const longestTaken = 64;
const none = -1;

/** Returns the start of the first characters that a variant lacks, unescaped or escaped; undefined if they do not precede it. */
function takenStart(text: string, to: number, { bytes }: Pattern, { takenBefore }: TrimmedVariant): number | undefined {
  const taken = Buffer.from(bytes).toString("utf8").slice(0, takenBefore);
  const plain = to - takenBefore;
  if (plain >= 0 && text.startsWith(taken, plain)) return plain;
  if (to > 0 && controlOf(taken) === text[to - 1]) return to - 1;
  for (let at = to - 1; at >= Math.max(0, to - longestTaken); at--) if (readsAs(taken, text, at, to)) return at;
  return undefined;
}

/** Whether a range of a text consists of these characters, each unescaped or escaped. */
function readsAs(characters: string, text: string, from: number, to: number): boolean {
  let at = from;
  for (let index = 0; index < characters.length; index++) {
    const { code = none, end } = escapeAt(text, at);
    if ((code < none ? -1 - code : code) !== characters.charCodeAt(index)) return false;
    at = end;
  }
  return at === to;
}

/** Returns the end of the last characters that a variant lacks, unescaped or escaped; undefined if they do not follow it. */
function takenEnd(text: string, from: number, { bytes }: Pattern, trimmed?: TrimmedVariant): number | undefined {
  if (trimmed === undefined || trimmed.takenAfter === 0) return from;
  const taken = Buffer.from(bytes).toString("utf8").slice(-trimmed.takenAfter);
  const rest = taken.replace(/^(?:\\+|.)/s, "");
  const plain = text.startsWith(taken, from) ? from + taken.length : undefined;
  const escaped = introducerEndsAt(text, from, taken.charCodeAt(0)).findLast((end) => text.startsWith(rest, end));
  return escaped === undefined ? plain : Math.max(escaped + rest.length, plain ?? 0);
}

/**
 * Removes ranges that plain ranges cover except for backslashes and similar characters, which may be part of an escape or of
 * the text, and expose nothing.
 */
function unlessKnown(text: string, plain: readonly Range[], escaped: readonly Range[]): readonly Range[] {
  if (escaped.length === 0) return escaped;
  const known = merged(ordered(plain.filter(({ encoding }) => encoding !== "escaped")));
  return escaped.filter((range) => !isKnown(text, range, known));
}

function isKnown(text: string, range: Range, known: readonly Range[]): boolean {
  let rest = "";
  let from = range.start;
  for (let at = firstEndingAfter(known, from); (known[at]?.start ?? range.end) < range.end; at++) {
    const { start, end } = known[at] as Range;
    rest += text.slice(from, Math.max(from, start));
    from = end;
  }
  rest += text.slice(from, Math.max(from, range.end));
  return !/[^\\%&\s\p{Cc}\p{Cf}"'`+]/u.test(rest);
}

/** Returns the index of the first range that ends after a position, in ordered ranges that do not overlap. */
function firstEndingAfter(ranges: readonly Range[], index: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as Range).end > index) high = middle;
    else low = middle + 1;
  }
  return low;
}
