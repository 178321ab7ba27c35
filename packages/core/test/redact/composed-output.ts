import { inspect } from "node:util";
import fc from "fast-check";

/** One way in which a program prints a text that it was given. */
export interface Step {
  readonly name: string;
  print(text: string): string;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const hex = (text: string): string => Buffer.from(text).toString("hex");

const quotes: readonly Step[] = [
  { name: "JSON", print: (text) => JSON.stringify({ msg: text }) },
  { name: "SQL", print: (text) => `PASSWORD '${text.replaceAll("'", "''")}'` },
  { name: "CSV", print: (text) => `1,"${text.replaceAll('"', '""')}",2` },
  { name: "shell", print: (text) => `export A='${text.replaceAll("'", "'\\''")}'` },
  { name: "inspect", print: (text) => inspect({ body: text }, { breakLength: Number.POSITIVE_INFINITY }) },
];
const wraps: readonly Step[] = [
  { name: "indented lines", print: (text) => text.replace(/.{20}/gs, "$&\n    ") },
  { name: "line ends as blanks", print: (text) => text.replace(/\s+/g, " ") },
  { name: "CRLF", print: (text) => text.replaceAll("\n", "\r\n") },
];
const encodings: readonly Step[] = [
  { name: "percent", print: (text) => `q=${encodeURIComponent(text.toWellFormed())}` },
  {
    name: "HTML",
    print: (text) => `<p>${text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)}</p>`,
  },
];
const bytes: readonly Step[] = [
  { name: "base64", print: (text) => `Basic ${base64(text)}` },
  { name: "base64 in a credential", print: (text) => `Basic ${base64(`app:${text}`)}` },
  { name: "hex", print: (text) => `0x${hex(text)}` },
  { name: "hex in pairs", print: (text) => `<${hex(text).replace(/..(?!$)/g, "$& ")}>` },
  { name: "hex in groups", print: (text) => `dump ${hex(text).replace(/.{8}/g, "$& ")}` },
  { name: "numbers", print: (text) => JSON.stringify([...Buffer.from(text)]) },
  { name: "numbers in colour", print: (text) => inspect(new Uint8Array(Buffer.from(text)), { colors: true }) },
];
const colours: readonly Step[] = [
  { name: "a colour around it", print: (text) => `\u001b[32m${text}\u001b[39m` },
  { name: "a colour in it", print: (text) => `${text.slice(0, 9)}\u001b[1;31m${text.slice(9)}\u001b[0m` },
];
const splits: readonly Step[] = [
  { name: "pieces of a string", print: (text) => `'${text.slice(0, 9)}' + '${text.slice(9)}'` },
  { name: "one character under each number", print: (text) => JSON.stringify({ ...Array.from(text) }) },
];

/** What is done to a value first: bytes and characters are made of the value alone. */
const first = [...quotes, ...wraps, ...encodings, ...bytes, ...colours, ...splits];
/** What is done to a line that has it already. */
const later = [...quotes, ...encodings, ...colours.slice(0, 1)];

/** Two or three steps, one after the other. */
export const compositions: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.constantFrom(...first), fc.array(fc.constantFrom(...later), { minLength: 1, maxLength: 2 }))
  .map(([one, others]) => [one, ...others]);

/** Every pair of steps. */
export const pairs: readonly (readonly Step[])[] = first.flatMap((one) => later.map((other) => [one, other]));

/** Every three steps. */
export const triples: readonly (readonly Step[])[] = pairs.flatMap((steps) => later.map((other) => [...steps, other]));

export function printed(value: string, steps: readonly Step[]): string {
  return steps.reduce((text, step) => step.print(text), value);
}
