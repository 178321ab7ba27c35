import { escapeAt } from "./escape.ts";
import { encodedFillerEndsAt, isFiller } from "./filler.ts";
import { OriginMap } from "./origin-map.ts";

/** What becomes of an ASCII character that is not kept. */
const dropped = 1;
/** An introducer of an escape, or a plus sign. */
const special = 2;
const kinds = new Uint8Array(128);
for (let code = 0; code < kinds.length; code++) if (isFiller(code)) kinds[code] = dropped;
for (const character of "\\%&+\u001b") kinds[character.charCodeAt(0)] = special;

const plus = 0x2b;
const none = -1;

/** Lines are shorter; making room for one would take longer than reading it. */
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
  /** The text's; reading them one by one from a string takes several times as long. */
  #units: Uint16Array = lineUnits;
  /** Where the original goes on as it did up to here; `none` after an escape. */
  #next = none;
  #lastDropped = true;
  /** A plus sign after something dropped: it is dropped too if something dropped follows. */
  #plusAt = none;
  #plusEnd = none;
  /** A high surrogate whose other half must come next, or behind what is dropped, and where it began. */
  #high = none;
  #highAt = none;

  /** The room is used as long as it suffices; the view is copied out of it. */
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
   * Takes the whole text. Of bytes every character above ASCII that is no escape stands for itself, not for its UTF-8. Both ends
   * count as dropped characters: a plus sign beside one of them and a quote may stand between two pieces of a string.
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

  /** Keeps or drops what is no escape, until it comes upon one; most texts are read here alone. */
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

  /** What an escape stands for: a code point, a byte (as `-1 - byte`), or nothing. */
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

  /** Writes what was waiting for its neighbour. */
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

/** Half a pair has no UTF-8. */
function utf8Of(code: number): Uint8Array {
  return Buffer.from(String.fromCodePoint(code));
}
