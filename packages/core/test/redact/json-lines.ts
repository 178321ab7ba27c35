import fc from "fast-check";

/** A text of fillers and secrets, the latter by number. */
export type Text = readonly (string | number)[];
/** What a line of JSON is made from. */
export type Tree =
  | Text
  | { readonly scalar: number | boolean | null }
  | { readonly members: readonly (readonly [Text, Tree])[] };

const specials = ['"', "\\", "/", "\n", "\r", "\t", "\b", "\0", " ", "'", "<", "&", "%", "+", "\u2028"];
const lowLetters = [..."abcdefghijklm0123456789"];
const wide = ["é", "ß", "日", "😀", "e\u0301", "\ud83d"];
const capitals = [..."NOPQRSTUVWXYZ"];

/** Texts that any policy masks: long, varied, and of letters that no filler has. */
export const secretTexts: fc.Arbitrary<readonly string[]> = fc.uniqueArray(
  fc
    .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...lowLetters) }, fc.constantFrom(...specials, ...wide)), {
      minLength: 12,
      maxLength: 30,
    })
    .map((characters) => characters.join(""))
    .filter(isTelling),
  { minLength: 1, maxLength: 4, comparator: (a, b) => a.includes(b) || b.includes(a) },
);

/**
 * Mostly letters in between, so that no secret is a run of signs that a filler may hold too. None begins or ends with a doubled sign: with
 * a third one beside it, it can be read in two ways, as CSV doubles quotes and printf percent signs, and both are masked.
 */
function isTelling(text: string): boolean {
  const letters = text.match(/[a-m0-9]/g) ?? [];
  const isAmbiguous = /^([^a-m0-9])\1|([^a-m0-9])\2$/.test(text);
  return !isAmbiguous && text.trim() === text && new Set(letters).size >= 5 && letters.length >= 10;
}

export const filler: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...capitals) }, fc.constantFrom(...specials, ...wide)), {
    maxLength: 8,
  })
  .map((characters) => characters.join(""));

export function texts(secrets: number): fc.Arbitrary<Text> {
  const part = fc.oneof(filler, fc.nat(secrets - 1));
  return fc.oneof({ weight: 3, arbitrary: fc.array(part, { maxLength: 4 }) }, fc.tuple(filler));
}

export function trees(secrets: number): fc.Arbitrary<Tree> {
  const { tree } = fc.letrec<{ tree: Tree; members: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      texts(secrets),
      fc.constantFrom(0, -1.5, 1e21, true, null).map((scalar) => ({ scalar })),
      tie("members"),
    ),
    members: fc
      .array(fc.tuple(texts(secrets), tie("tree")), { maxLength: 4 })
      .map((members) => ({ members: members.map(([key, value], index) => [[`${index}`, ...key], value] as const) })),
  }));
  return tree;
}

/** The value that a tree stands for, with `fill` in place of each secret. */
export function toValue(tree: Tree, fill: (secret: number) => string): unknown {
  if ("scalar" in tree) return tree.scalar;
  if (!("members" in tree)) return toText(tree, fill);
  return Object.fromEntries(tree.members.map(([key, member]) => [toText(key, fill), toValue(member, fill)]));
}

export function toText(text: Text, fill: (secret: number) => string): string {
  return text.map((part) => (typeof part === "number" ? fill(part) : part)).join("");
}

/** A string of JSON in which each character is written in one of the ways that JSON has for it, as `choices` say. */
export function toJsonString(text: string, choices: readonly number[]): string {
  const units = Array.from({ length: text.length }, (_, index) => text.charAt(index));
  const written = units.map((unit, index) => {
    const code = unit.charCodeAt(0).toString(16).padStart(4, "0");
    const short = JSON.stringify(unit).slice(1, -1);
    const ways = [short, short, unit === "/" ? "\\/" : short, `\\u${code}`, `\\u${code.toUpperCase()}`];
    return ways[(choices[index % choices.length] ?? 0) % ways.length] ?? short;
  });
  return `"${written.join("")}"`;
}
