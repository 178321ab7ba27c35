import { escapeAt } from "./escape.ts";
import { encodedFillerEndsAt, isFiller } from "./filler.ts";
import { OriginMap } from "./origin-map.ts";

/** The kind of ASCII characters that are dropped. */
const dropped = 1;
/** The kind of introducers of escapes and of plus signs. */
const special = 2;
const kinds = new Uint8Array(128);
for (let code = 0; code < kinds.length; code++) if (isFiller(code)) kinds[code] = dropped;
for (const character of "\\%&+\u001b") kinds[character.charCodeAt(0)] = special;

const plus = 0x2b;
const none = -1;

/** The length of a buffer for most lines; allocating one would take longer than reading a line. */
const lineLength = 16_384;
const lineUnits = new Uint16Array(lineLength);
const lineBytes = Buffer.from(lineUnits.buffer);

function unitsOf(text: string): Uint16Array {
  const units = text.length > lineLength ? new Uint16Array(text.length) : lineUnits;
  const bytes = units === lineUnits ? lineBytes : Buffer.from(units.buffer);
  const length = bytes.write(text, "utf16le");
  if (isBigEndian) bytes.subarray(0, length).swap16();
  return units;
}

const isBigEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

/** Writes the canonical view of one text. */
export class CanonicalWriter {
  readonly origins: OriginMap = new OriginMap();
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  /** The units of the text; reading them from the string takes several times as long. */
  #units: Uint16Array = lineUnits;
  /** The position in the original after the last plain character; `none` after an escape. */
  #next = none;
  #lastDropped = true;
  /** The position of a plus sign after a dropped character; it is dropped too if another dropped character follows. */
  #plusAt = none;
  #plusEnd = none;
  /** A high surrogate whose other half must follow, possibly after dropped characters, and its position. */
  #high = none;
  #highAt = none;

  /** @param room the initial buffer, from which the view is copied */
  constructor(room: Uint8Array<ArrayBuffer>) {
    this.#bytes = room;
  }

  get bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  get view(): string {
    return Buffer.from(this.#bytes.buffer, 0, this.#length).toString("latin1");
  }

  get length(): number {
    return this.#length;
  }

  /**
   * Processes a whole text. In bytes, each character above ASCII that is not an escape is one byte, not UTF-8. Both ends count
   * as dropped characters, because a plus sign between an end and a quote may join two pieces of a string.
   */
  write(text: string, isBytes: boolean): this {
    this.#units = unitsOf(text);
    for (let at = 0; at < text.length; ) {
      at = this.#keepPlain(text, at);
      if (at === text.length) break;
      const fillerEnd = isBytes ? encodedFillerEndsAt(text, at) : at;
      const { code, start, end } = fillerEnd > at ? { code: undefined, start: at, end: fillerEnd } : escapeAt(text, at);
      const isByte = isBytes && end === at + 1 && code !== undefined && code >= 128 && code < 256;
      this.#take(isByte ? -1 - code : code, start, end);
      at = end;
    }
    this.#plusAt = none;
    this.#settle();
    return this;
  }

  /** Processes characters up to the next escape; most texts have none. */
  #keepPlain(text: string, from: number): number {
    if (this.#plusAt !== none || this.#high !== none) return from;
    const units = this.#units;
    const bytes = this.#bytes;
    const room = bytes.length;
    let length = this.#length;
    let next = this.#next;
    let at = from;
    for (; at < text.length && length < room; at++) {
      const unit = units[at] as number;
      const kind = unit < 128 ? kinds[unit] : special;
      if (kind === special) break;
      if (kind === dropped) continue;
      if (at !== next) this.origins.addPlain(length, at);
      bytes[length] = unit;
      length++;
      next = at + 1;
    }
    if (at > from) this.#lastDropped = next !== at;
    this.#length = length;
    this.#next = next;
    return at;
  }

  /** Processes a decoded escape: a code point, a byte (as `-1 - byte`) or nothing. */
  #take(code: number | undefined, start: number, end: number): void {
    if (code === undefined) this.#drop();
    else if (code < 0) this.#keep([-1 - code], start, end);
    else if (code === plus) this.#holdPlus(start, end);
    else if (isFiller(code)) this.#drop();
    else if (code < 128) this.#keep([code], start, end);
    else this.#keepWide(code, start, end);
  }

  #drop(): void {
    this.#plusAt = none;
    this.#lastDropped = true;
  }

  #keep(bytes: Iterable<number>, start: number, end: number): void {
    this.#settle();
    this.#lastDropped = false;
    this.#push(bytes, start, end);
  }

  #holdPlus(start: number, end: number): void {
    if (!this.#lastDropped) return this.#keep([plus], start, end);
    this.#settle();
    this.#plusAt = start;
    this.#plusEnd = end;
  }

  #keepWide(code: number, start: number, end: number): void {
    const isLow = code >= 0xdc00 && code < 0xe000;
    if (isLow && this.#high !== none) {
      const whole = 0x10000 + ((this.#high - 0xd800) << 10) + (code - 0xdc00);
      this.#high = none;
      return this.#push(utf8Of(whole), this.#highAt, end);
    }
    const isHigh = code >= 0xd800 && code < 0xdc00;
    this.#keep(isHigh ? [] : utf8Of(code), start, end);
    if (!isHigh) return;
    this.#high = code;
    this.#highAt = start;
  }

  /** Writes a plus sign or surrogate that was waiting for the next character. */
  #settle(): void {
    if (this.#plusAt !== none) this.#push([plus], this.#plusAt, this.#plusEnd);
    if (this.#high !== none) this.#push(utf8Of(this.#high), this.#highAt, this.#highAt + 1);
    this.#plusAt = none;
    this.#high = none;
  }

  #push(bytes: Iterable<number>, start: number, end: number): void {
    this.origins.addEscape(this.#length, start, end);
    this.#next = none;
    for (const byte of bytes) {
      if (this.#length === this.#bytes.length) this.#grow();
      this.#bytes[this.#length] = byte;
      this.#length++;
    }
  }

  #grow(): void {
    const bytes = new Uint8Array(2 * this.#bytes.length + 16);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

/** Returns UTF-8; of a single surrogate, that of the replacement character. */
function utf8Of(code: number): Uint8Array {
  return Buffer.from(String.fromCodePoint(code));
}
