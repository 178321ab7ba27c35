/** Values that repeat themselves, begin like one another, or look like what stands around values. */
export const hostileValues: readonly string[] = [
  "abcdefg".repeat(4),
  "abcdefg".repeat(400),
  `${"abcdefg".repeat(400)}X1`,
  `${"ab".repeat(40)}c9`,
  "abc123".repeat(30),
  "sk_0000000000000000000000000001ab",
  ...Array.from({ length: 20 }, (_, more) => `shared-beginning-${"0123456789".repeat(2).slice(0, 8 + more)}`),
  "Zq7xK2mNp4vT9wLb3Rd8",
  "q7xK2mNp4vT9wLb3Rd8Zq7xK2mNp4",
  `s3cret "x's\\p <&>/fixture`,
  "' + ' + ' + 'x9",
  "a...b...c...d-cut9",
  "%41%42%43%44%45",
  "\\u0041\\u0042\\x43",
  "alpha-12\nbravo-34\ncharly56",
  "p\u00e4ssw\u00f6rd-lang-1",
];

/** What a text is made of: values, parts of them, and whatever begins something that some stage looks for. */
const units: readonly string[] = [
  ...hostileValues.map((value) => value.slice(0, 40)),
  ..."a ab 0 1 , : { } [ ] % %25 & &amp; &# ; + ... \u2026 - = A AAAA u0041 x41 J m 73 115, 0: '' \"\" ``".split(" "),
  ...[" ", "\n", "\t", '"', "'", "\\", '"0":"s",', '0:"', "<Buffer ", "\u001b[", "\u001b[1m", " is not valid JSON"],
  ...["\ud83d", "\u00e9", "abc123abc12X", "ababababX", "s3cret", "115,51,99,", "5a 71 37 78 4b 32 6d 4e "],
];
/** What opens the way to a stage that looks at all of a text. */
const openings: readonly string[] = [
  "",
  '0:"',
  '"',
  "...",
  " is not valid JSON",
  "<Buffer ",
  '{"0":"a","1":"b","2":"c",',
  "\\",
];

/** A text of one of the kinds below, of a length. */
export interface HostileText {
  readonly name: string;
  of(length: number): string;
}

/** Every unit again and again, after and before each opening. */
export const repeatedTexts: readonly HostileText[] = units.flatMap((unit) =>
  openings.flatMap((opening) => [
    { name: JSON.stringify([opening, unit]), of: (length: number) => opening + repeated(unit, length) },
    { name: JSON.stringify([unit, opening]), of: (length: number) => repeated(unit, length) + opening },
  ]),
);

/** Two units in turn, each with each. */
export const mixedTexts: readonly HostileText[] = units.flatMap((one) =>
  units.map((other) => ({ name: JSON.stringify([one, other]), of: (length: number) => repeated(one + other, length) })),
);

function repeated(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}
