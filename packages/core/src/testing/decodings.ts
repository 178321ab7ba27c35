import { stripVTControlCharacters } from "node:util";
import { namedCharacter } from "./html-names.ts";
import { spreadTexts } from "./spread-text.ts";

/**
 * Everything that a text may stand for: itself, what it reads without its escapes, and what encoded bytes in it say, which
 * may be escaped or encoded again. Work and memory grow with the length of the text alone.
 */
export function* readings(text: string): Generator<string> {
  const seen = new Set<string>();
  let level: readonly string[] = [text];
  for (let depth = 0; depth <= mostByteLevels && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const start of level) {
      for (const reading of unescapedReadings(start, depth === 0 ? [...unescapes, ofPrinters] : unescapes)) {
        if (seen.has(reading)) continue;
        seen.add(reading);
        yield reading;
        if (depth === mostByteLevels) continue;
        for (const bytes of encodedBytes(reading)) {
          yield bytes.toString("latin1");
          next.push(printable(bytes));
        }
      }
    }
    level = next;
  }
}

/** A JSON Web Token in base64 in a basic credential; more is nobody's log. */
const mostByteLevels = 3;

interface Unescape {
  readonly times: number;
  undo(text: string): string;
}

/** The text as it is first, then with its escapes undone, in any order and so often as programs nest them. */
function* unescapedReadings(start: string, steps: readonly Unescape[]): Generator<string> {
  const seen = new Set([start]);
  const queue = [{ text: start, done: steps.map(() => 0) }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    yield next.text;
    for (const [index, { times, undo }] of steps.entries()) {
      const count = next.done[index] ?? 0;
      const text = count < times ? undo(next.text) : next.text;
      if (seen.has(text)) continue;
      seen.add(text);
      queue.push({ text, done: next.done.with(index, count + 1) });
    }
  }
}

const letterEscapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  0: "\0",
};
const backslashes =
  /\\(?:u\{(?<brace>[0-9A-Fa-f]{1,6})\}|u(?<unit>[0-9A-Fa-f]{4})|x(?<byte>[0-9A-Fa-f]{2})|(?<other>[\s\S]))/g;
const entities = /&(?:#[xX](?<hex>[0-9A-Fa-f]{1,6})|#(?<decimal>\d{1,7})|(?<name>[A-Za-z]{2,10}));/g;

const unescapes: readonly Unescape[] = [
  {
    times: 3,
    undo: (text) =>
      replaceNamed(text, "\\", backslashes, ({ brace, unit, byte, other = "" }) => {
        const code = brace ?? unit ?? byte;
        return code === undefined ? (letterEscapes[other] ?? other) : character(Number.parseInt(code, 16));
      }),
  },
  {
    times: 3,
    undo: (text) =>
      text.includes("%")
        ? text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"))
        : text,
  },
  {
    times: 3,
    undo: (text) =>
      replaceNamed(text, "&", entities, ({ hex, decimal, name = "" }) => {
        if (hex !== undefined) return character(Number.parseInt(hex, 16));
        return decimal === undefined ? (namedCharacter(name) ?? `&${name};`) : character(Number(decimal));
      }),
  },
];

const ofPrinters: Unescape = { times: 2, undo: withoutPrinters };

/** Undoes what an output may have been through last: colours, signs written twice by SQL, CSV, printf and Compose, and syslog. */
export function withoutPrinters(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/(['"`%$])\1/g, "$1")
    .replace(/#(0[01][1-7]|010)/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .normalize("NFC");
}

type Groups = Readonly<Record<string, string | undefined>>;

function replaceNamed(text: string, mark: string, pattern: RegExp, by: (groups: Groups) => string): string {
  if (!text.includes(mark)) return text;
  return text.replace(pattern, (...found) => by(found.at(-1) as Groups));
}

function character(code: number): string {
  return String.fromCodePoint(Math.min(0x10ffff, code));
}

/**
 * The bytes that each encoding gives, all places together. White space, quotes and what printers put between lines are taken
 * out first, so a run may begin with other text of its alphabet; it is therefore read from each of its first characters.
 */
function* encodedBytes(text: string): Generator<Buffer> {
  const joined = text.replace(/['"`]\s*\+\s*['"`]|[\s'"`]+/g, "");
  yield* decoded(
    "base64",
    joined
      .replaceAll("-", "+")
      .replaceAll("_", "/")
      .match(/[A-Za-z0-9+/]{6,}/g),
  );
  yield* decoded("hex", joined.replace(/0x|[:,-]+/gi, "").match(/[0-9A-Fa-f]{8,}/g));
  const lists = text.replace(/['"`]\s*\+\s*['"`]/g, " ").match(numberLists);
  if (lists !== null) yield Buffer.concat(lists.flatMap((list) => [numbersOf(list), lineFeed]));
  for (const spread of spreadTexts(text)) yield Buffer.from(spread);
}

/** So many digits are whole bytes, and these complete the last ones. */
const digits = { base64: { group: 4, fill: "EEE" }, hex: { group: 2, fill: "0" } } as const;

/** One call decodes all runs: a large text holds tens of thousands of words that could be one. */
function* decoded(encoding: "base64" | "hex", runs: readonly string[] | null): Generator<Buffer> {
  if (runs === null) return;
  const { group, fill } = digits[encoding];
  for (let start = 0; start < group; start += 1) {
    const whole = runs.map((run) => run.slice(start) + fill.slice(0, -(run.length - start) & (group - 1)));
    yield Buffer.from(whole.join(""), encoding);
  }
}

const lineFeed = Buffer.from("\n");

/** `[115, 51]`, `Uint8Array(2) [ 115, 51 ]`, `{"0":115,"1":51}`, `115 51`. */
const numberLists = /(?:(?:"?\b\d+"?\s*:\s*)?\b\d{1,3}\b[\s,]+){3,}(?:"?\d+"?\s*:\s*)?\b\d{1,3}\b/g;

function numbersOf(list: string): Buffer {
  const numbers = list.replace(/"?\d+"?\s*:/g, "").match(/\d+/g) ?? [];
  return Buffer.from(numbers.map((number) => Number(number) & 0xff));
}

/** Neither control characters nor what stands for bytes that are no text; shorter ones stand everywhere by chance. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a class of exactly these
const shownStretches = /[^\0-\x1f\x7f-\x9f\ufffd]{4,}/g;

/** Only text can hold another encoding, and most of what a wrong reading gives is none. */
function printable(bytes: Buffer): string {
  const wide = bytes.includes(0) ? bytes.toString("latin1").replaceAll("\0", "") : "";
  return ((bytes.toString("utf8") + wide).match(shownStretches) ?? []).join("\n");
}
