/** A text that was spread into an object with one character per index, and the positions of the characters. */
export interface CharacterList {
  readonly text: string;
  /** Unit of that text -> the position of its character in the output. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** The minimum number of characters; fewer cannot be masked. */
const minCharacters = 4;
/** `"12":"x"` as JSON prints it, and `'12': 'x'` as `inspect` does. */
const member =
  /((?<!\\)\\*["'`]|)(\d{1,5})\1\s*:\s*(\\*["'`])(\\(?:u[0-9A-Fa-f]{4}(?:\\u[dD][c-fC-F][0-9A-Fa-f]{2})?|x[0-9A-Fa-f]{2}|.)|[\ud800-\udbff][\udc00-\udfff]|[^\\])\3/gs;

interface Character {
  readonly number: number;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Returns the strings that were printed as `{..."text"}`, in the order of their indexes, because loggers may sort names as 0,
 * 1, 10.
 */
export function* characterListsIn(text: string): Generator<CharacterList> {
  let members: Character[] = [];
  let end = 0;
  for (const found of text.matchAll(member)) {
    if (found.index > end && !separator.test(text.slice(end, Math.min(found.index, end + maxGap)))) {
      yield* listOf(members);
      members = [];
    }
    end = found.index + found[0].length;
    const character = found[4] as string;
    const close = end - (found[3] as string).length;
    members.push({
      number: Number(found[2]),
      text: unescaped(character),
      start: close - character.length,
      end: close,
    });
  }
  yield* listOf(members);
}

/** Returns those in a canonical view, which lacks quotes, spaces and other dropped characters. */
export function* characterListsInView(view: string): Generator<CharacterList> {
  for (const list of view.matchAll(/(?<!\d)0:(?:,|[^,]{0,4}),(?:\d{1,5}:(?:,|[^,]{0,4}),?)+/g)) {
    const members: Character[] = [];
    for (const found of list[0].matchAll(/(\d{1,5}):(,|[^,]{0,4}?)(?:,|(?=[}\]])|$)/g)) {
      const text = found[2] as string;
      const start = list.index + found.index + (found[1] as string).length + 1;
      members.push({ number: Number(found[1]), text, start, end: start + text.length });
    }
    yield* listOf(members);
  }
}

/** The maximum length of line ends and spaces between indented members. */
const maxGap = 200;
const separator = /^(?:\s|\\+[nrt])*,(?:\s|\\+[nrt])*$/;

function* listOf(members: readonly Character[]): Generator<CharacterList> {
  if (members.length < minCharacters) return;
  const sorted = [...members].sort((a, b) => a.number - b.number);
  const units = sorted.flatMap(({ text, start, end }) => Array.from({ length: text.length }, () => ({ start, end })));
  yield {
    text: sorted.map(({ text }) => text).join(""),
    starts: units.map(({ start }) => start),
    ends: units.map(({ end }) => end),
  };
}

function unescaped(character: string): string {
  if (!character.startsWith("\\")) return character;
  try {
    return JSON.parse(`"${character}"`) as string;
  } catch {
    return character.startsWith("\\x")
      ? String.fromCharCode(Number.parseInt(character.slice(2), 16))
      : character.slice(1);
  }
}
