import { escapeAt } from "./escape.ts";

/** A text without its escapes, as bytes, and where each byte came from. It is valid until the next one is made. */
export interface CanonicalView {
  /** UTF-8, one character a byte. */
  readonly text: string;
  /** Where in the original the character begins that a byte belongs to. */
  startOf(index: number): number;
  /** The end of that character in the original. */
  endOf(index: number): number;
}

/**
 * Undoes backslash, percent and HTML escapes, however deeply they are nested in each other, and drops white space, quotes and the
 * plus signs between the pieces of a string. A value that goes through the same function meets its escaped, wrapped, quoted or
 * indented self.
 */
export function canonicalView(text: string): CanonicalView {
  const { bytes, length, starts, ends } = writerFor(text).write(text);
  return {
    text: Buffer.from(bytes.buffer, 0, length).toString("latin1"),
    startOf: (index) => starts[index] as number,
    endOf: (index) => ends[index] as number,
  };
}

/** The bytes of that view alone. */
export function canonicalBytes(text: string): Uint8Array {
  const { bytes, length } = writerFor(text).write(text);
  return bytes.slice(0, length);
}

/** What becomes of an ASCII character. */
const kept = 0;
const dropped = 1;
/** An introducer of an escape, or a plus sign. */
const special = 2;
const kinds = new Uint8Array(128);
for (const character of " \t\n\v\f\r\"'`") kinds[character.charCodeAt(0)] = dropped;
for (const character of "\\%&+") kinds[character.charCodeAt(0)] = special;

const plus = 0x2b;
const none = -1;
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

  write(text: string): this {
    this.length = 0;
    this.#lastDropped = false;
    for (let at = 0; at < text.length; ) {
      at = this.#keepPlain(text, at);
      if (at === text.length) break;
      const { code, end } = escapeAt(text, at);
      this.#take(code, at, end);
      at = end;
    }
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
