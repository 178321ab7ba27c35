/** Bytes that a text prints as numbers, and where each of them stands. */
export interface ByteList {
  /** One character a byte. */
  readonly bytes: string;
  /** byte -> the place of its number in the text */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Whether the printer left out the rest. */
  readonly isCut: boolean;
}

/** How the inspection of a buffer begins. */
export const dumpStart = "<Buffer";

const listed = /(?<!\d)(?:(?:\d{1,6}:)?\d{1,3},){7,}(?:(?:\d{1,6}:)?\d{1,3}(?![\d:]))?(\.\.\.)?/g;
/** What looks like the number of a member, as in `84: 90`, is the last of a list that has none, as one message stands before another. */
const listedBeforeColon = /(?<![\d,]|\d:)(?:\d{1,3},){7,}\d{1,3}(?=:)/g;
/** Fewer numbers are no value that could be masked. */
const minNumbers = 8;

/**
 * Reads the lists of bytes in a canonical view: `[115,51,...]` and without brackets, `{0:115,1:51,...}`, `<Buffer7333...>`.
 * Other separators and spaces are gone there.
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
