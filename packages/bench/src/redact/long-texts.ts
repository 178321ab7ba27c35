import { seededRandom } from "../measure/random.ts";
import { requestLines } from "./log-lines.ts";
import { flat, randomText } from "./registered-values.ts";

const letters = "abcdefghijklmnopqrstuvwxyz";
const base64 = `${letters}${letters.toUpperCase()}0123456789+/`;

/** A value that overlaps itself wherever it occurs in `letters in a circle`. */
export const periodicValue: string = "abcdefg".repeat(4);

/** kind -> a text of it; each is what some stage of a masker could be slow on */
export const longTexts: ReadonlyMap<string, (length: number) => string> = new Map<string, (length: number) => string>([
  ["letters", (length) => randomText(length, letters, seededRandom(1))],
  ["letters in a circle, a registered value", (length) => repeated("abcdefg", length)],
  ["braces", (length) => repeated("{", length)],
  ["backslashes", (length) => repeated("\\", length)],
  ["PEM", (length) => repeated(pem(), length)],
  ["base64", (length) => randomText(length, base64, seededRandom(2))],
  ["digits and commas", (length) => repeated("115,51,99,114,101,116,", length)],
  ["percent signs", (length) => repeated("%", length)],
  ["percent signs, nested", (length) => `%${repeated("25", length - 1)}`],
  ["ampersands", (length) => repeated("&", length)],
  ["ampersands, nested", (length) => `&${repeated("amp;", length - 1)}`],
  ["quotes", (length) => repeated('"', length)],
]);

/** A JSON document on one line, without escapes: the body of a response. */
export function jsonBody(length: number, seed: number): string {
  const random = seededRandom(seed);
  const records: string[] = [];
  for (let size = 0; size < length; size += records.at(-1)?.length ?? 0) {
    const name = randomText(12, letters, random);
    records.push(JSON.stringify({ id: records.length, name, email: `${name}@example.com`, total: random() * 1_000 }));
  }
  return flat(`[${records.join(",")}]`.slice(0, length));
}

/** Request lines, one below the other. */
export function logFile(length: number): string {
  return repeated(requestLines(Array.from({ length: 64 }, () => undefined)).join(""), length);
}

function pem(): string {
  const lines = Array.from({ length: 24 }, (_, line) => randomText(64, base64, seededRandom(line)));
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function repeated(unit: string, length: number): string {
  return flat(unit.repeat(Math.ceil(length / unit.length)).slice(0, length));
}
