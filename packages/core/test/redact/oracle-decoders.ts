/** Fewer characters of base64 or hex hold less than ten bytes. */
const base64Run = /[A-Za-z0-9+/]{13,}/g;
const hexRun = /(?:[0-9A-Fa-f]{2}[\s:,-]?){10,}/g;
/** `[ 115, 51 ]`, `115 51`, `{"0":115,"1":51}`. */
const decimalRun = /(?:(?:"?\d+"?\s*:\s*)?\b\d{1,3}\b\s*[,\s]\s*){9,}(?:"?\d+"?\s*:\s*)?\b\d{1,3}\b/g;

type TextStep = readonly [name: string, limit: number, decode: (text: string) => string];

const textSteps: readonly TextStep[] = [
  ["unescaped", 3, unescaped],
  ["percent-decoded", 2, percentDecoded],
  ["form-decoded", 1, (text) => (/%[0-9A-Fa-f]{2}|\+/.test(text) ? percentDecoded(text.replaceAll("+", " ")) : text)],
  ["HTML-decoded", 2, htmlDecoded],
];

/** The text, and what it reads like when its escapes are undone, in any order; each with the steps to it. */
export function textReadings(start: string): ReadonlyMap<string, string> {
  const found = new Map([[start, ""]]);
  const queue: { readonly text: string; readonly counts: readonly number[] }[] = [
    { text: start, counts: textSteps.map(() => 0) },
  ];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const [index, [name, limit, decode]] of textSteps.entries()) {
      const count = next.counts[index] ?? 0;
      if (count >= limit) continue;
      const text = decode(next.text);
      if (found.has(text)) continue;
      found.set(text, `${found.get(next.text)}, ${name}`);
      queue.push({ text, counts: next.counts.with(index, count + 1) });
    }
  }
  return found;
}

/** What the encoded bytes in a text say, as UTF-8 and as UTF-16; each with the step to it. */
export function byteReadings(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  const sources = new Map([
    [withoutBreaks(standard), "base64 in lines"],
    [standard, "base64url"],
    [text, "base64"],
  ]);
  for (const [source, name] of sources) {
    for (let offset = 0; offset < 4; offset += 1) {
      collect(found, `${name} from ${offset}`, source, base64Run, (run) => Buffer.from(run.slice(offset), "base64"));
    }
  }
  for (const offset of [0, 1]) {
    collect(found, "hex", text, hexRun, (run) => Buffer.from(run.replace(/[\s:,-]/g, "").slice(offset), "hex"));
  }
  collect(found, "decimals", text, decimalRun, decimalBytes);
  return found;
}

function collect(
  found: Map<string, string>,
  name: string,
  text: string,
  run: RegExp,
  decode: (run: string) => Buffer,
): void {
  const pieces = text.match(run)?.map(decode) ?? [];
  if (pieces.length === 0) return;
  found.set(pieces.map((bytes) => bytes.toString("utf8")).join("\n"), `, ${name}`);
  for (const start of [0, 1]) {
    const wide = pieces.filter((bytes) => bytes.includes(0)).map((bytes) => bytes.subarray(start).toString("utf16le"));
    if (wide.length > 0) found.set(wide.join("\n"), `, ${name} as UTF-16`);
  }
}

/** Line breaks, also written as escapes, with the indentation, quotes and signs that printers put at them. */
function withoutBreaks(text: string): string {
  const lines = text.split(/(?:\r?\n|(?:\\+r)?\\+n)['"\s]*/);
  return lines.map((line, index) => (index < lines.length - 1 ? withoutEnd(line) : line)).join("");
}

/** One expression for this would look for a line end from each blank anew. */
function withoutEnd(line: string): string {
  const joined = line.trimEnd().replace(/\+$/, "").trimEnd();
  return joined.replace(/['"]$/, "").trimEnd();
}

function decimalBytes(list: string): Buffer {
  const numbers = list.replace(/"?\d+"?\s*:/g, "").match(/\d+/g) ?? [];
  return Buffer.from(numbers.map((number) => Number(number) & 0xff));
}

const shortEscapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v" };

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\s\S]))/g, (_, wide, narrow, other) => {
    const code: string | undefined = wide ?? narrow;
    return code === undefined ? (shortEscapes[other] ?? other) : String.fromCharCode(Number.parseInt(code, 16));
  });
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function htmlDecoded(text: string): string {
  return text.replace(/&(?:#x([0-9A-Fa-f]{1,5})|#(\d{1,6})|(amp|lt|gt|quot|apos));/g, (_, hex, decimal, name) => {
    if (name !== undefined) return entities[name] ?? "";
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
