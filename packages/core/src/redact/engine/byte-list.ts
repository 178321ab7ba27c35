/** Bytes that a text contains as numbers, and their positions. */
export interface ByteList {
  /** One character a byte. */
  readonly bytes: string;
  /** Byte -> the position of its number in the text. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Whether the printer left out the rest. */
  readonly isCut: boolean;
}

/** The beginning of the inspection of a buffer. */
export const dumpStart = "<Buffer";

const listed = /(?<!\d)(?:(?:\d{1,6}:)?\d{1,3},){7,}(?:(?:\d{1,6}:)?\d{1,3}(?![\d:]))?(\.\.\.)?/g;
/** The last number of a list may look like the index of a member, as in `84: 90`, if another message follows. */
const listedBeforeColon = /(?<![\d,]|\d:)(?:\d{1,3},){7,}\d{1,3}(?=:)/g;
/** The minimum number of bytes; fewer cannot be masked. */
const minNumbers = 8;

/**
 * Returns the lists of bytes in a canonical view, which has no spaces: `[115,51,...]`, the same without brackets,
 * `{0:115,1:51,...}` and `<Buffer7333...>`.
 */
export function* byteListsIn(view: string): Generator<ByteList> {
  for (const list of [...view.matchAll(listed), ...view.matchAll(listedBeforeColon)]) {
    const numbers = [...list[0].matchAll(/(?<![\d:])(?:\d{1,6}:)?(\d{1,3})(?=,|\.|$)/g)];
    const places = numbers.map((number) => list.index + number.index + number[0].length - (number[1] ?? "").length);
    const values = numbers.map((number) => Number(number[1]));
    if (values.length < minNumbers || values.some((value) => value > 255)) continue;
    yield {
      bytes: Buffer.from(values).toString("latin1"),
      starts: places,
      ends: places.map((place, index) => place + String(numbers[index]?.[1]).length),
      isCut: list[1] !== undefined,
    };
  }
  for (const dump of view.matchAll(/(?<=<Buffer)((?:[0-9a-f]{2}){8,})(\.\.\.)?/g)) {
    const digits = dump[1] as string;
    const places = Array.from({ length: digits.length / 2 }, (_, index) => dump.index + 2 * index);
    yield {
      bytes: Buffer.from(digits, "hex").toString("latin1"),
      starts: places,
      ends: places.map((place) => place + 2),
      isCut: dump[2] !== undefined,
    };
  }
}
