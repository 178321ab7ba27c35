/** A text in which something was undone, and where each of its characters came from. */
export interface Reading {
  readonly text: string;
  /** Where in the original the character at an index begins. */
  startOf(index: number): number;
  /** Where it ends. */
  endOf(index: number): number;
}

const backslashEscape = /\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|(["'`\\/bfnrtv]))/g;
const controls: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/**
 * Undoes one level of backslash escapes, as JSON and JavaScript write them, and nothing else: here a backslash of the text itself is
 * told from one that escapes what follows. What is no escape stays as it is.
 */
export function unescaped(text: string): Reading {
  const pieces: string[] = [];
  /** Where the pieces begin in the reading, and in the original; every second one is an escape. */
  const starts: number[] = [0];
  const origins: number[] = [0];
  let length = 0;
  let from = 0;
  const add = (piece: string, end: number) => {
    pieces.push(piece);
    length += piece.length;
    starts.push(length);
    origins.push(end);
    from = end;
  };
  for (const match of text.matchAll(backslashEscape)) {
    add(text.slice(from, match.index), match.index);
    add(meaningOf(match), match.index + match[0].length);
  }
  add(text.slice(from), text.length);
  return {
    text: pieces.join(""),
    startOf(index) {
      const piece = pieceAt(starts, index);
      return (origins[piece] as number) + (piece % 2 === 0 ? index - (starts[piece] as number) : 0);
    },
    endOf(index) {
      const piece = pieceAt(starts, index);
      return piece % 2 === 0
        ? (origins[piece] as number) + index - (starts[piece] as number) + 1
        : (origins[piece + 1] as number);
    },
  };
}

function meaningOf([, four, braced, two, character]: RegExpMatchArray): string {
  if (character !== undefined) return controls[character] ?? character;
  return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(four ?? braced ?? two ?? "", 16)));
}

/** The last piece that begins at or before an index and is not empty. */
function pieceAt(starts: readonly number[], index: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= index) low = middle;
    else high = middle;
  }
  return low;
}
