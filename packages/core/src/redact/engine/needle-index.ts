import { isBase64Unit } from "./base64-unit.ts";
import { type Encoding, encodings } from "./encodings.ts";
import { commonRun, fragmentsFrom } from "./fragment.ts";
import { GramTier } from "./gram-tier.ts";
import { type Needle, storedBytes } from "./needle.ts";
import type { Range } from "./range.ts";
import { sample, takeSample } from "./sample.ts";

/** A form is a needle in an encoding, as one number. */
const encodingBits = 5;
const fragmentEncoding = (1 << encodingBits) - 1;
/** Below it nothing is looked for. */
const minLength = 4;
const noRanges: readonly Range[] = [];
const equalsSign = 0x3d;
const nearPadding = 8;

/** All needles in all encodings, and where they stand in a text. Adding and removing one touches nothing of the others. */
export class NeedleIndex {
  /** id -> needle */
  readonly #needles: (Needle | undefined)[] = [];
  readonly #freeIds: number[] = [];
  /** The longest stride first. A fragment of 16 units is the shortest that a stride of 12 meets for certain. */
  readonly #tiers = [12, 8, 4, 1].map((stride) => new GramTier(stride));
  /** What is being searched; the sample is shared, so there is one search at a time. */
  #text = "";
  #found: readonly Range[] = noRanges;
  /** Whether the text searched last has digits in a row that may be a list of bytes. */
  sawNumbers = false;
  /** Registered, but not entered: many a value is replaced before anything is searched. */
  readonly #waiting = new Set<Needle>();
  #forms = 0;
  #byteLength = 0;
  /** Changes whenever a needle comes or goes. */
  revision = 0;

  get isEmpty(): boolean {
    return this.#forms === 0 && this.#waiting.size === 0;
  }

  /** Forms that are looked for. */
  get forms(): number {
    this.#settle();
    return this.#forms;
  }

  /** Bytes held, about. */
  get byteLength(): number {
    this.#settle();
    return this.#tiers.reduce((sum, tier) => sum + tier.byteLength, this.#byteLength);
  }

  /** Looks for a needle from now on; it is entered when something is searched. */
  add(needle: Needle): void {
    this.revision++;
    this.#waiting.add(needle);
  }

  #settle(): void {
    if (this.#waiting.size === 0) return;
    for (const needle of this.#waiting) this.#enter(needle);
    this.#waiting.clear();
  }

  #enter(needle: Needle): void {
    needle.id = this.#freeIds.pop() ?? this.#needles.length;
    needle.lengths = encodings.map((encoding) => encoding.length(needle));
    this.#needles[needle.id] = needle;
    this.#change(needle, 1);
    const windows = needle.lengths.map(() => 0);
    this.#eachForm(needle, (tier, number, length, unitAt) => {
      windows[number] = tier.add(formOf(needle, number), length, unitAt);
    });
    needle.windows = windows;
    const from = fragmentsFrom(needle);
    if (from === undefined) return;
    this.#tiers[0]?.addAll(
      formOf(needle, fragmentEncoding),
      needle.bytes.length,
      (index) => needle.bytes[index] as number,
      from,
    );
  }

  remove(needle: Needle): void {
    this.revision++;
    if (this.#waiting.delete(needle)) return;
    this.#eachForm(needle, (tier, number, _length, unitAt) => {
      const start = needle.windows[number] as number;
      tier.remove(formOf(needle, number), start, start + tier.stride + 3, unitAt);
    });
    const from = fragmentsFrom(needle);
    if (from !== undefined) {
      const unitAt = (index: number) => needle.bytes[index] as number;
      this.#tiers[0]?.remove(formOf(needle, fragmentEncoding), from, needle.bytes.length, unitAt);
    }
    this.#change(needle, -1);
    this.#needles[needle.id] = undefined;
    this.#freeIds.push(needle.id);
  }

  /** Every form of every needle. */
  *allForms(): Generator<{ readonly needle: Needle; readonly encoding: Encoding; readonly length: number }> {
    this.#settle();
    for (const needle of this.#needles) {
      if (needle === undefined) continue;
      for (const [number, encoding] of encodings.entries()) {
        const length = needle.lengths[number] as number;
        if (length >= minLength) yield { needle, encoding, length };
      }
    }
  }

  /** Every place where a form stands, in no order. */
  search(text: string): readonly Range[] {
    this.#settle();
    this.#text = text;
    this.#found = noRanges;
    this.sawNumbers = false;
    for (let from = 0; from < text.length; from += sample.sliceLength) {
      const length = takeSample(text, from);
      for (const tier of this.#tiers) {
        if (!tier.isEmpty && tier.scan(length, from, this)) this.sawNumbers = true;
      }
    }
    this.#text = "";
    return this.#found;
  }

  /** Compares what the sampling has come upon with the form itself. */
  visit(form: number, offset: number, position: number): void {
    const number = form & fragmentEncoding;
    const needle = this.#needles[form >> encodingBits] as Needle;
    if (number === fragmentEncoding) return this.#visitFragment(needle, offset, position);
    const encoding = encodings[number] as Encoding;
    const start = position - offset;
    const end = start + (needle.lengths[number] as number);
    if (start < 0 || end > this.#text.length) return;
    const bitten = encoding.bitten?.(needle);
    const last = this.#found.at(-1);
    const isAlike = last?.needle === needle && last.encoding === encoding.name && last.bitten === bitten;
    const overlaps = isAlike && start >= last.start && start < last.end;
    // A value that repeats itself would otherwise be compared, and noted, at each place of its repetition.
    if (overlaps && end <= last.end) return;
    if (!this.#stands(needle, encoding, start, end)) return;
    const range = { ...this.#widened(needle, encoding, start, end), needle, encoding: encoding.name, bitten };
    if (overlaps) this.#list()[this.#found.length - 1] = { ...last, end: range.end };
    else this.#list().push(range);
  }

  /** Most texts hold nothing, and share the empty list. */
  #list(): Range[] {
    if (this.#found === noRanges) this.#found = [];
    return this.#found as Range[];
  }

  #visitFragment(needle: Needle, offset: number, position: number): void {
    const last = this.#found.at(-1);
    if (last !== undefined && position >= last.start && position < last.end) return;
    const run = commonRun(this.#text, needle, offset, position);
    if (run !== undefined) this.#list().push({ ...run, needle, encoding: "fragment" });
  }

  #stands(needle: Needle, encoding: Encoding, start: number, end: number): boolean {
    const text = this.#text;
    for (let at = start; at < end; at++) {
      if (text.charCodeAt(at) !== encoding.unitAt(needle, at - start)) return false;
    }
    return !needle.isWord || !(isWordAt(text, start - 1) || isWordAt(text, end));
  }

  /** Takes in the base64 characters at the edges that hold some bits of the value, and the padding, which tells its length. */
  #widened(needle: Needle, encoding: Encoding, start: number, end: number): { start: number; end: number } {
    const edges = encoding.edges?.(needle);
    if (edges === undefined) return { start, end };
    const text = this.#text;
    const from = edges.left && isBase64Unit(text.charCodeAt(start - 1)) ? start - 1 : start;
    const to = edges.right && isBase64Unit(text.charCodeAt(end)) ? end + 1 : end;
    return { start: from, end: afterPadding(text, to) };
  }

  #eachForm(
    needle: Needle,
    visit: (tier: GramTier, number: number, length: number, unitAt: (index: number) => number) => void,
  ): void {
    for (const [number, encoding] of encodings.entries()) {
      const length = needle.lengths[number] as number;
      const tier = this.#tiers.find(({ stride }) => length >= stride + 3);
      if (tier !== undefined) visit(tier, number, length, (index) => encoding.unitAt(needle, index));
    }
  }

  #change(needle: Needle, sign: 1 | -1): void {
    this.#forms += sign * needle.lengths.filter((length) => length >= minLength).length;
    this.#byteLength += sign * storedBytes(needle).reduce((sum, { length }) => sum + length, 0);
  }
}

function formOf({ id }: Needle, encoding: number): number {
  return (id << encodingBits) | encoding;
}

/** Padding that is near belongs to the value, and tells its length. */
function afterPadding(text: string, from: number): number {
  let end = from;
  while (end < from + nearPadding && isBase64Unit(text.charCodeAt(end))) end++;
  const padding = end;
  while (end < padding + 2 && text.charCodeAt(end) === equalsSign) end++;
  return end === padding ? from : end;
}

function isWordAt(text: string, at: number): boolean {
  return at >= 0 && at < text.length && /\w/.test(text.charAt(at));
}
