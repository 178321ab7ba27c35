/** Everything that a text may stand for: itself, and what common encodings in it decode to, nested a few times. */
export function* readings(text: string): Generator<string> {
  const seen = new Set<string>([text]);
  let level: readonly string[] = [text];
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const reading of level) {
      yield reading;
      if (depth < maxDepth) for (const decode of decoders) next.push(...fresh(decode(reading), seen));
    }
    level = next;
  }
}

const maxDepth = 3;
const shortest = 4;

type Decode = (text: string) => Iterable<string>;

function* fresh(texts: Iterable<string>, seen: Set<string>): Generator<string> {
  for (const text of texts) {
    if (text.length < shortest || seen.has(text)) continue;
    seen.add(text);
    yield text;
  }
}

/** A run may begin with other text of the same alphabet, so it is read from each of its first characters. */
function* shifted(text: string, run: RegExp, starts: number, decode: (run: string) => Buffer): Generator<string> {
  for (const [match] of text.matchAll(run)) {
    for (let start = 0; start < starts; start += 1) yield decode(match.slice(start)).toString("utf8");
  }
}

const base64: Decode = (text) =>
  shifted(text, /[A-Za-z0-9+/_-]{4,}/g, 4, (run) =>
    Buffer.from(run.replaceAll("-", "+").replaceAll("_", "/"), "base64"),
  );

const base64Lines: Decode = (text) => {
  const joined = text.replace(/([A-Za-z0-9+/=]{4,})(?:\\r)?(?:\\n|\s)+(?=[A-Za-z0-9+/=])/g, "$1");
  return joined === text ? [] : [joined];
};

const hex: Decode = (text) =>
  shifted(text, /(?:[0-9A-Fa-f]{2}[\s:,-]?){4,}[0-9A-Fa-f]{0,2}/g, 2, (run) =>
    Buffer.from(run.replace(/[\s:,-]/g, ""), "hex"),
  );

/** `[115, 51]`, `Uint8Array(2) [ 115, 51 ]`, `{"0":115,"1":51}`. */
const numberLists: Decode = (text) =>
  [...text.matchAll(/(?:(?:"?\d+"?\s*:\s*)?\d{1,3}\s*,\s*){3,}(?:"?\d+"?\s*:\s*)?\d{1,3}/g)].map(([list]) => {
    const numbers = list.split(",").map((item) => Number(item.split(":").at(-1)));
    return Buffer.from(numbers.map((number) => number & 0xff)).toString("utf8");
  });

const backslashes: Decode = (text) => {
  if (!text.includes("\\")) return [];
  const single: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v", 0: "\0" };
  const plain = text.replace(
    /\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\s\S]))/g,
    (_, ...found) => {
      const [brace, unicode, byte, other] = found as (string | undefined)[];
      const code = brace ?? unicode ?? byte;
      if (code !== undefined) return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(code, 16)));
      return other === undefined ? "" : (single[other] ?? other);
    },
  );
  return [plain];
};

const percent: Decode = (text) => {
  if (!/%[0-9A-Fa-f]{2}/.test(text)) return [];
  const decode = (run: string): string => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8");
  // In a form a plus sign is a space, elsewhere it is itself.
  return [text, text.replaceAll("+", " ")].map((form) => form.replace(/(?:%[0-9A-Fa-f]{2})+/g, decode));
};

const html: Decode = (text) => {
  if (!text.includes("&")) return [];
  const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  const plain = text.replace(/&(?:#x([0-9A-Fa-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/g, (_, ...found) => {
    const [hexCode, code, name] = found as (string | undefined)[];
    if (name !== undefined) return named[name] ?? "";
    return String.fromCodePoint(
      Math.min(0x10ffff, hexCode === undefined ? Number(code) : Number.parseInt(hexCode, 16)),
    );
  });
  return [plain];
};

const decoders: readonly Decode[] = [backslashes, percent, html, base64, base64Lines, hex, numberLists];
