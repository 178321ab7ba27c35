import { escapeAt } from "./escape.ts";

/** A text without its escapes, as bytes, and where each byte came from. It is valid until the next one is made. */
export interface CanonicalView {
  /** UTF-8, one character a byte. */
  readonly text: string;
  /** Where in the original the character begins that a byte belongs to. */
  startOf(index: number): number;
  /** The end of that character in the original. */
  endOf(index: number): number;
  /** The same, with up to so many characters before and after that the view has dropped. */
  startWith(index: number, droppedBefore: number): number;
  endWith(index: number, droppedAfter: number): number;
}

/**
 * Undoes backslash, percent and HTML escapes, however deeply they are nested in each other, and drops white space, quotes and the
 * plus signs between the pieces of a string. A value that goes through the same function meets its escaped, wrapped, quoted or
 * indented self.
 */
export function canonicalView(text: string): CanonicalView {
  const { bytes, length, starts, ends } = written(text);
  const startOf = (index: number) => starts[index] as number;
  const endOf = (index: number) => ends[index] as number;
  return {
    text: latin1Of(bytes, length),
    startOf,
    endOf,
    startWith(index, count) {
      const dropped = count === 0 ? [] : droppedFrom(text, index === 0 ? 0 : endOf(index - 1), startOf(index));
      return dropped.at(-count)?.start ?? dropped[0]?.start ?? startOf(index);
    },
    endWith(index, count) {
      const next = index + 1 < length ? startOf(index + 1) : text.length;
      const dropped = count === 0 ? [] : droppedFrom(text, endOf(index), next);
      return dropped[Math.min(count, dropped.length) - 1]?.end ?? endOf(index);
    },
  };
}

/** An escape may be written with escapes itself, as `%\u0034\u0031`, so what is left is read again while it has any. */
function written(text: string): CanonicalWriter {
  let writer = writerFor(text).write(text, false);
  for (let pass = 1; pass < mostPasses; pass++) {
    if (!leftEscape.test(latin1Of(writer.bytes, writer.length))) return writer;
    const { view, origins } = withGaps(writer);
    const again = new CanonicalWriter(view.length).write(view, true);
    for (let index = 0; index < again.length; index++) {
      again.ends[index] = writer.ends[origins[(again.ends[index] as number) - 1] as number] as number;
      again.starts[index] = writer.starts[origins[again.starts[index] as number] as number] as number;
    }
    writer = again;
  }
  return writer;
}

/** The view with a space wherever something was dropped, since what it stood between is no escape. */
function withGaps({ bytes, starts, ends, length }: CanonicalWriter): {
  readonly view: string;
  readonly origins: readonly number[];
} {
  const codes: number[] = [];
  const origins: number[] = [];
  for (let index = 0; index < length; index++) {
    const isSame = index > 0 && starts[index] === starts[index - 1];
    if (index > 0 && !isSame && (starts[index] as number) !== ends[index - 1]) {
      codes.push(space);
      origins.push(index);
    }
    codes.push(bytes[index] as number);
    origins.push(index);
  }
  return { view: Buffer.from(codes).toString("latin1"), origins };
}

function latin1Of(bytes: Uint8Array<ArrayBuffer>, length: number): string {
  return Buffer.from(bytes.buffer, 0, length).toString("latin1");
}

/** How many characters at the edges of a text have no place in its view. */
export function droppedAtEdges(text: string): { readonly droppedBefore: number; readonly droppedAfter: number } {
  const { length, starts, ends } = written(text);
  if (length === 0) return { droppedBefore: 0, droppedAfter: 0 };
  return {
    droppedBefore: droppedFrom(text, 0, starts[0] as number).length,
    droppedAfter: droppedFrom(text, ends[length - 1] as number, text.length).length,
  };
}

/** The characters, written in whatever way, that stand in a stretch of text where the view has none. */
function droppedFrom(
  text: string,
  from: number,
  to: number,
): readonly { readonly start: number; readonly end: number }[] {
  const dropped: { start: number; end: number }[] = [];
  for (let at = from; at < to; ) {
    const { start, end } = escapeAt(text, at);
    at = Math.min(to, end);
    dropped.push({ start: Math.min(start, at), end: at });
  }
  return dropped;
}

/** The bytes of that view alone. */
export function canonicalBytes(text: string): Uint8Array {
  const { bytes, length } = written(text);
  return bytes.slice(0, length);
}

/** What becomes of an ASCII character that is not kept. */
const dropped = 1;
/** An introducer of an escape, or a plus sign. */
const special = 2;
const kinds = new Uint8Array(128);
for (const character of " \u0007\b\t\n\v\f\r\"'`") kinds[character.charCodeAt(0)] = dropped;
for (const character of "\\%&+") kinds[character.charCodeAt(0)] = special;

const plus = 0x2b;
const space = 0x20;
const none = -1;
const leftEscape = /%[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{1,8};/;
const mostPasses = 4;
/** Lines are shorter; room for one is kept, as making it takes longer than reading the line. */
const lineLength = 16_384;

let lineWriter: CanonicalWriter | undefined;

function writerFor(text: string): CanonicalWriter {
  if (text.length > lineLength) return new CanonicalWriter(text.length);
  lineWriter ??= new CanonicalWriter(lineLength);
  return lineWriter;
}

class CanonicalWriter {
  bytes: Uint8Array<ArrayBuffer>;
  starts: Int32Array;
  ends: Int32Array;
  length = 0;
  /** A plus sign after something dropped: it is dropped too if something dropped follows. */
  #plusAt = none;
  #lastDropped = false;
  /** A high surrogate whose other half must come next, and where it began. */
  #high = none;
  #highAt = none;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity + 4);
    this.starts = new Int32Array(capacity + 4);
    this.ends = new Int32Array(capacity + 4);
  }

  /** Of bytes every character above ASCII stands for itself, not for its UTF-8. */
  write(text: string, isBytes: boolean): this {
    this.length = 0;
    // Both ends count as dropped characters: a plus sign beside one of them and a quote may stand between two pieces.
    this.#lastDropped = true;
    for (let at = 0; at < text.length; ) {
      at = this.#keepPlain(text, at);
      if (at === text.length) break;
      const { code, start, end } = escapeAt(text, at);
      this.#take(isBytes && code !== undefined && code >= 128 && code < 256 ? -1 - code : code, start, end);
      at = end;
    }
    this.#plusAt = none;
    this.#settle();
    return this;
  }

  /** Writes or drops what is no escape, until it comes upon one; most texts are read here alone. */
  #keepPlain(text: string, from: number): number {
    const { bytes, starts, ends } = this;
    const room = bytes.length;
    let length = this.length;
    let isDropped = this.#lastDropped;
    let at = from;
    if (this.#plusAt !== none || this.#high !== none) return from;
    for (; at < text.length && length < room; at++) {
      const unit = text.charCodeAt(at);
      const kind = unit < 128 ? kinds[unit] : special;
      if (kind === special) break;
      isDropped = kind === dropped;
      if (isDropped) continue;
      bytes[length] = unit;
      starts[length] = at;
      ends[length] = at + 1;
      length++;
    }
    this.length = length;
    this.#lastDropped = isDropped;
    return at;
  }

  /** What an escape stands for: a code point, a byte (as `-1 - byte`), or nothing. */
  #take(code: number | undefined, start: number, end: number): void {
    if (code === undefined) this.#drop();
    else if (code < 0) this.#keep(-1 - code, start, end);
    else if (code === plus) this.#holdPlus(start, end);
    else if (code < 128) {
      if (kinds[code] === dropped) this.#drop();
      else this.#keep(code, start, end);
    } else this.#keepWide(code, start, end);
  }

  #keep(byte: number, start: number, end: number): void {
    if (this.#plusAt !== none || this.#high !== none) this.#settle();
    this.#lastDropped = false;
    this.#push(byte, start, end);
  }

  #drop(): void {
    this.#plusAt = none;
    if (this.#high !== none) this.#settle();
    this.#lastDropped = true;
  }

  #holdPlus(start: number, end: number): void {
    if (!this.#lastDropped) return this.#keep(plus, start, end);
    this.#settle();
    this.#plusAt = start;
  }

  #keepWide(code: number, start: number, end: number): void {
    const isLow = code >= 0xdc00 && code < 0xe000;
    if (isLow && this.#high !== none) {
      const whole = 0x10000 + ((this.#high - 0xd800) << 10) + (code - 0xdc00);
      this.#high = none;
      this.#pushUtf8(whole, this.#highAt, end);
      return;
    }
    this.#settle();
    this.#lastDropped = false;
    if (code >= 0xd800 && code < 0xdc00) {
      this.#high = code;
      this.#highAt = start;
    } else this.#pushUtf8(isLow ? 0xfffd : code, start, end);
  }

  /** Writes what was waiting for its neighbour. */
  #settle(): void {
    if (this.#plusAt !== none) this.#push(plus, this.#plusAt, this.#plusAt + 1);
    if (this.#high !== none) this.#pushUtf8(0xfffd, this.#highAt, this.#highAt + 1);
    this.#plusAt = none;
    this.#high = none;
  }

  #pushUtf8(code: number, start: number, end: number): void {
    if (code < 0x800) this.#push(0xc0 | (code >> 6), start, end);
    else {
      if (code < 0x10000) this.#push(0xe0 | (code >> 12), start, end);
      else {
        this.#push(0xf0 | (code >> 18), start, end);
        this.#push(0x80 | ((code >> 12) & 63), start, end);
      }
      this.#push(0x80 | ((code >> 6) & 63), start, end);
    }
    this.#push(0x80 | (code & 63), start, end);
  }

  #push(byte: number, start: number, end: number): void {
    if (this.length === this.bytes.length) this.#grow();
    this.bytes[this.length] = byte;
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.length++;
  }

  #grow(): void {
    const { bytes, starts, ends } = this;
    this.bytes = new Uint8Array(2 * bytes.length);
    this.starts = new Int32Array(2 * bytes.length);
    this.ends = new Int32Array(2 * bytes.length);
    this.bytes.set(bytes);
    this.starts.set(starts);
    this.ends.set(ends);
  }
}
