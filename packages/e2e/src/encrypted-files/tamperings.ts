/** A file that somebody changed without its program. */
export interface Tampering {
  readonly title: string;
  readonly text: string;
}

/** How many changes of one file are tried; all of them where TACIT_ALL_SEEDS is set. */
const draws = process.env.TACIT_ALL_SEEDS === undefined ? 60 : 300;

/** Changes a file of sops in many ways, the same ones in each run. */
export function* tamperings(original: string): Generator<Tampering> {
  const random = randomOf(1);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  for (let draw = 0; draw < draws; draw += 1) {
    const [name, change] = pick(changes);
    const text = change(original, pick);
    if (text !== original) yield { title: `${draw}: ${name}`, text };
  }
}

type Pick = <T>(items: readonly T[]) => T;
type Change = (text: string, pick: Pick) => string;

/** Not a comment, which is not read here: sops tells one that became a value. */
const value = /(?<!# ?)ENC\[[^\]]*\]/g;

const changes: readonly (readonly [string, Change])[] = [
  [
    "a clear line was put in",
    (text, pick) =>
      onLines(text, (lines) => {
        const at = pick(indexes(lines));
        const indentation = /^[ -]*/.exec(lines[at] ?? "")?.[0] ?? "";
        lines.splice(
          at,
          0,
          `${pick([indentation, indentation.replaceAll("-", " ")])}${pick(["more: clear", "more=clear", "more = clear"])}`,
        );
      }),
  ],
  ["a line was removed", (text, pick) => onLines(text, (lines) => lines.splice(pick(indexes(lines)), 1))],
  [
    "two lines traded places",
    (text, pick) =>
      onLines(text, (lines) => {
        const [one, other] = [pick(indexes(lines)), pick(indexes(lines))];
        [lines[one], lines[other]] = [lines[other] ?? "", lines[one] ?? ""];
      }),
  ],
  ["a line was repeated", (text, pick) => onLines(text, (lines) => lines.splice(pick(indexes(lines)), 0, pick(lines)))],
  ["two values traded places", (text, pick) => text.replaceAll(value, swapped(text, pick))],
  ["a value was changed", (text, pick) => replaced(text, pick, (one) => one.replace(/[a-f]/, "A"))],
  ["a value became clear", (text, pick) => replaced(text, pick, () => "clear")],
  ["a value became empty", (text, pick) => replaced(text, pick, () => "")],
  ["a value has something behind it", (text, pick) => replaced(text, pick, (one) => `${one} more`)],
  // Not `bytes`, of which old versions wrote values: sops 3.13 crashes on them.
  [
    "a value is of another type",
    (text, pick) =>
      replaced(text, pick, (one) =>
        one.replace(/type:\w+/, `type:${pick(["str", "int", "float", "bool", "comment", "time", "x"])}`),
      ),
  ],
  ["a value lost its tag", (text, pick) => replaced(text, pick, (one) => one.replace(/tag:[^,]*/, "tag:"))],
  ["a nonce is short", (text, pick) => replaced(text, pick, (one) => one.replace(/iv:.{4}/, "iv:"))],
  [
    "a character was changed",
    (text, pick) => {
      const at = pick([...text].map((_, index) => index));
      return text.slice(0, at) + pick([..."aZ0 \n:=[]{}\"'#\\,"]) + text.slice(at + 1);
    },
  ],
  ["it was cut off", (text, pick) => text.slice(0, pick([...text].map((_, index) => index)))],
  [
    "a comment was put in",
    (text, pick) =>
      onLines(text, (lines) =>
        lines.splice(pick(indexes(lines)), 0, pick(["# secret", "    # secret", "  # a secret", "", "; secret"])),
      ),
  ],
  [
    "a comment was put behind a line",
    (text, pick) =>
      onLines(text, (lines) => {
        const at = pick(indexes(lines));
        lines[at] = `${lines[at]}${pick([" # secret", "# secret", " #", " ; secret"])}`;
      }),
  ],
  ["the date of change was altered", (text) => text.replace(/(lastmodified\W+)20\d\d/, "$12031")],
  ["the rule is another", (text) => text.replace(/_unencrypted(?=["\n])/, "_other")],
];

function onLines(text: string, change: (lines: string[]) => unknown): string {
  const lines = text.split("\n");
  change(lines);
  return lines.join("\n");
}

function indexes(items: readonly unknown[]): readonly number[] {
  return items.map((_, index) => index);
}

/** Replaces one of the encrypted values. */
function replaced(text: string, pick: Pick, change: (one: string) => string): string {
  const chosen = pick(text.match(value) ?? []);
  return text.replaceAll(value, (one) => (one === chosen ? change(one) : one));
}

function swapped(text: string, pick: Pick): (one: string) => string {
  const found = text.match(value) ?? [];
  const [one, other] = [pick(found), pick(found)];
  return (each) => (each === one ? (other ?? each) : each === other ? (one ?? each) : each);
}

/** Numbers from 0 to 1, the same for each seed. @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
