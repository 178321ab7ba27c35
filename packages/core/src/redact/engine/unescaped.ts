import { OriginMap } from "./origin-map.ts";

/** A decoded text, and the origin of its characters. */
export interface Reading {
  readonly text: string;
  readonly origins: OriginMap;
}

/** A backslash escape as JSON and JavaScript write it. */
const backslashEscape = /\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|(["'`\\/bfnrtv]))/y;
/** Matches numeric escapes, whose digits may be escaped numerically, too; only then a further level is decoded separately. */
export const codeEscape: RegExp = /\\[ux]/;
export const mostExactLevels = 3;
const controls: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/**
 * Decodes exactly one level of backslash escapes, which distinguishes a backslash of the text from an escaping one. Text that
 * is not an escape stays unchanged.
 */
export function unescaped(text: string): Reading {
  const origins = new OriginMap();
  let reading = "";
  let from = 0;
  const keepUntil = (end: number) => {
    origins.addPlain(reading.length, from);
    reading += text.slice(from, end);
  };
  for (let at = text.indexOf("\\"); at !== -1; at = text.indexOf("\\", Math.max(from, at + 1))) {
    backslashEscape.lastIndex = at;
    const escaped = backslashEscape.exec(text);
    if (escaped === null) continue;
    keepUntil(at);
    from = at + escaped[0].length;
    origins.addEscape(reading.length, at, from);
    reading += meaningOf(escaped);
  }
  keepUntil(text.length);
  return { text: reading, origins };
}

/** Returns the control character that a letter denotes after a backslash. */
export function controlOf(letter: string): string | undefined {
  return controls[letter];
}

function meaningOf([, four, braced, two, character]: RegExpExecArray): string {
  if (character !== undefined) return controls[character] ?? character;
  return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(four ?? braced ?? two ?? "", 16)));
}
