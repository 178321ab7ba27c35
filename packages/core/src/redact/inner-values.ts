import { isUtf8 } from "node:buffer";
import { escapeAt } from "./engine/escape.ts";
import { isNoSecret, minLength } from "./mask-policy.ts";

/**
 * Everything in a text that may be a secret of its own: user info, parameters and tokens of URLs, the values of connection strings,
 * of `.env`, `.npmrc`, `.netrc`, `.pgpass`, INI, properties and YAML lines, of YAML blocks and of XML elements, lines of JSON, Basic
 * and Bearer credentials, tokens in a list, and the content of base64. Candidates are generous, since a wrong one is looked for in vain; whether a text
 * may be masked is decided elsewhere.
 */
export function innerValues(text: string): readonly string[] {
  const decoded = base64TextOf(text);
  // Most values are tokens, in which each search would be in vain.
  const found = new Set(plainToken.test(text) ? [] : valuesWithin(text));
  if (decoded !== undefined) found.add(decoded);
  return [...found];
}

/** Only characters that separate nothing. */
const plainToken = /^[\w.+/~-]*$/;

function valuesWithin(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  if (text.length <= longestConnection) {
    for (const one of new Set([text, withoutReferences(text)])) {
      for (const values of [inUrls(one), listedIn(one), mappedIn(one), credentialsIn(one)])
        take(values, mostListed, text, found);
    }
  }
  take(blocksIn(text), mostListed, text, found);
  for (const line of linesOf(text)) {
    if (line.length <= longestConnection) take(valuesOfLine(line.trim()), mostListed, text, found);
  }
  return found;
}

const longestConnection = 8_192;
/** A connection string has fewer settings; a text of another kind may look like thousands. */
const mostListed = 64;
const mostLines = 2_000;
const secretKey = /pass|pwd|secret|token|key|cred|auth/i;
const word = String.raw`(?:[a-z]+|\d{1,4})`;
/** Words and small numbers with signs between them: a setting, unless its key says otherwise. */
const name = new RegExp(`^${word}(?:[-._/]${word})*$`, "i");
/** Those as the address of a host, which has a scheme or a dot: `https://npm.example/shop/`, `kafka.example:9092`. */
const address = new RegExp(
  String.raw`^(?=[a-z]+://|[^/]*\.)(?:[a-z][a-z0-9+.-]{0,30}://)?${word}(?:[-._]${word})*(?::\d{1,5})?(?:[-._/]${word})*/?$`,
  "i",
);
/** `key=value`, `key: value`, and what Make, PowerShell and PHP write. */
const assignment =
  /^(?:export\s+|\/\/\S+?:|\$(?:env:)?)?["']?([\w./@ -]{1,100}?)["']?(\s+(?:[?:+]=|=>)\s*|\s*=\s*|\s*:(?!\/\/)\s*)(\S.*)$/;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Less base64 than this is a word. */
const shortestBase64 = 16;
/** Words and names have fewer letters and digits in a row. */
const longRun = /[A-Za-z0-9]{16,}/g;

function take(values: Iterable<string>, most: number, text: string, found: Set<string>): void {
  let taken = 0;
  for (const value of values) {
    for (const one of [value, percentDecoded(value)]) if (one.length >= minLength && one !== text) found.add(one);
    if (++taken >= most) return;
  }
}

/**
 * `scheme://user:password@host`, also with a token in place of the user; tokens in the path, as webhooks have them;
 * `user/password@host` of Oracle, alone or in `jdbc:oracle:thin:`; and `user:password@host` of proxies and of MySQL in Go.
 */
function* inUrls(text: string): Generator<string> {
  const oracle = /^(?:jdbc:oracle:\w+:)?[^/@:\s]+\/(?:"([^"]*)"|([^@\s]+))@/i.exec(text);
  if (oracle !== null) yield oracle[1] ?? oracle[2] ?? "";
  const [, bare = ""] = /^[^\s:/@]+:(?!\/\/)(\S+)@[\w.([-]/i.exec(text) ?? [];
  if (bare !== "") yield bare;
  // Without it each letter of a token would be tried as the beginning of a scheme.
  if (!text.includes("://")) return;
  for (const { index, 0: scheme } of text.matchAll(/[a-z][a-z0-9+.-]{0,30}:\/\//gi)) {
    const line = text.slice(index + scheme.length).split(/[\r\n]/, 1)[0] ?? "";
    const rest = line.split(/\s/, 1)[0] ?? "";
    const authority = rest.split(/[/?#]/, 1)[0] ?? "";
    // A password with a slash, a question mark, a hash or a blank in it is not legal there, but works with many clients.
    const ends = new Set([authority, rest, line].map((part) => part.lastIndexOf("@")).filter((end) => end > 0));
    for (const end of ends) yield* partsOfUserInfo(line.slice(0, end));
    const [path = ""] = rest.slice(authority.length).split(/[?#]/, 1);
    yield* path.split(/[/:@]/).filter(hasTokenRun);
  }
}

function* partsOfUserInfo(userInfo: string): Generator<string> {
  const colon = userInfo.indexOf(":");
  if (colon < 0) return yield userInfo;
  yield userInfo.slice(colon + 1);
  const user = userInfo.slice(0, colon);
  if (isTokenLike(user)) yield user;
}

/** `key=value` in lists with `;`, `&`, commas or blanks, with or without quotes, which are doubled or escaped inside. */
function* listedIn(text: string): Generator<string> {
  if (!text.includes("=")) return;
  for (const match of text.matchAll(/(?:^|[;?#&\s,])([\w.:-]{1,60}(?: [\w.:-]{1,60}){0,3}) {0,8}= {0,8}/g)) {
    if (isNoSecret(match[1] as string)) continue;
    const rest = text.slice(match.index + match[0].length);
    for (const value of settingsAt(rest)) if (mayBeSecret(match[1] as string, value)) yield value;
  }
}

/** What stands in quotes or braces, or up to the end of a setting. */
function* settingsAt(rest: string): Generator<string> {
  const [, double, single, braced] =
    /^(?:"((?:[^"]|"")*)"|'((?:[^'\\]|\\.|'')*)'|\{((?:[^}]|\}\})*)\})/.exec(rest) ?? [];
  const [, escaped] = /^"((?:[^"\\]|\\.)*)"/.exec(rest) ?? [];
  if (escaped?.includes("\\")) yield* [escaped, unescaped(escaped)];
  if (double !== undefined) yield* [double, double.replaceAll('""', '"')];
  else if (single !== undefined) yield* [single, single.replaceAll("''", "'"), unescaped(single)];
  else if (braced !== undefined) yield* [braced, braced.replaceAll("}}", "}")];
  else {
    const plain = [/^[^;&\s,]*/, /^[^;&\r\n]*/, /^[^;&\r\n]*&[^;\r\n]*(?=;)/].map(
      (end) => end.exec(rest)?.[0].trim() ?? "",
    );
    yield* new Set(plain.filter((value) => value !== ""));
  }
}

/** `{key: value, "key": value}` of YAML and JavaScript. */
function* mappedIn(text: string): Generator<string> {
  const members =
    /[{,]\s{0,200}["']?([\w.-]{1,60})["']?\s{0,8}:\s{0,200}(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s,{}[\]"'][^,}\]\r\n]*))/g;
  for (const [, key = "", double, single, plain] of text.matchAll(members)) {
    const value = double ?? single ?? plain?.trim() ?? "";
    if (isNoSecret(key) || !mayBeSecret(key, value)) continue;
    yield value;
    if (double?.includes("\\")) yield unescaped(double);
  }
}

/** `key: |` of YAML and the indented lines below it, as lines and as one. */
function* blocksIn(text: string): Generator<string> {
  const blocks = /^([ \t]*)\S[^\n]*:[ \t]*[|>][+-]?\d?[ \t]*\r?\n((?:\1[ \t]+\S[^\n]*\n?|[ \t]*\r?\n)+)/gm;
  for (const [, , body = ""] of text.matchAll(blocks)) {
    const lines = body.split("\n").map((line) => line.trim());
    yield* [lines.join("\n").trim(), lines.join(" ").trim()];
  }
}

/** As they are, and where a backslash at the end lets one go on in the next. */
function linesOf(text: string): Iterable<string> {
  const joined = text.replace(/\\\r?\n[ \t]*/g, "");
  return new Set([text, joined].flatMap((one) => one.split(/[\r\n]+/, mostLines)));
}

/** `Basic` with what it holds, and the token of `Bearer` and its like. */
function* credentialsIn(text: string): Generator<string> {
  for (const [, scheme = "", value = ""] of text.matchAll(/\b(Basic|Bearer|Token|Digest|ApiKey)\s+([^\s,;"']+)/gi)) {
    yield value;
    const decoded = scheme.toLowerCase() === "basic" ? base64TextOf(value) : undefined;
    if (decoded !== undefined) yield* [decoded, decoded.slice(decoded.indexOf(":") + 1)];
  }
}

/** What one line of a file of settings or credentials assigns. */
function* valuesOfLine(line: string): Generator<string> {
  if (line.startsWith("-----")) return;
  if (/^\{.*\}$/.test(line)) yield line;
  for (const [, key = "", data, text = ""] of line.matchAll(/<([\w:.-]+)>(?:<!\[CDATA\[([^\]]+)\]\]>|([^<>]+))<\//g)) {
    const content = (data ?? text).trim();
    if (!isNoSecret(key) && mayBeSecret(key, content)) yield* new Set([content, withoutReferences(content)]);
  }
  for (const [, value = ""] of line.matchAll(/\b(?:password|passwd|account)\s+([^\s=:]\S*)/gi)) yield value;
  const fields = line.split(/(?<!\\):/);
  if (fields.length === 5) yield (fields[4] as string).replace(/\\([:\\])/g, "$1");
  const item = /^-\s+(\S.*)$/.exec(line)?.[1] ?? line;
  if (item !== line && !/^["']?[\w.-]+["']?\s*:\s/.test(item)) yield* readingsOf(item);
  const [, key = "", separator = "", value = ""] = assignment.exec(item) ?? [];
  if (value === "") return yield* tokensIn(item);
  if (isNoSecret(key) && separator !== ":") return yield* inUrls(value);
  for (const reading of readingsOf(value)) if (mayBeSecret(key, reading)) yield reading;
}

/** Whether a line is a setting that holds no secret, by its name or by what it says. */
export function isPlainSetting(line: string): boolean {
  const [, key = "", separator = "", value = ""] = assignment.exec(line) ?? [];
  if (value === "") return false;
  return (isNoSecret(key) && separator !== ":") || ![...readingsOf(value)].some((one) => mayBeSecret(key, one));
}

/** Of a list, a row of a table or a command: each word that is random, as in `first,second`. */
function* tokensIn(line: string): Generator<string> {
  const words = line.replace(/\S+:\/\/\S+/g, " ").split(/[\s,;:|"'`()<>]+/);
  // A word that is all of its line is a line of a key, or looked for as a line.
  if (words.length > 1)
    yield* words.filter((one) => /^\w[\w.~+/=-]*$/.test(one) && (hasTokenRun(one) || uuid.test(one)));
}

/** A value with its quotes or without, without the comment behind it, and without the anchor or tag of YAML before it. */
function* readingsOf(value: string): Generator<string> {
  const plain = value.replace(/^(?:[&!]\S+\s+)+/, "");
  const [, double, shell, single] = /^(?:"((?:[^"\\]|\\.)*)"|\$'((?:[^'\\]|\\.)*)'|'((?:[^']|'')*)')/.exec(plain) ?? [];
  const escaped = double ?? shell;
  if (escaped !== undefined) yield* new Set([escaped, unescaped(escaped)]);
  else if (single !== undefined) yield* [single, single.replaceAll("''", "'")];
  else yield* new Set([value, plain, withoutComment(plain), value.replace(/,$/, ""), unescaped(plain)]);
}

function mayBeSecret(key: string, value: string): boolean {
  return secretKey.test(key) || !value.split(/\s*,\s*/).every((one) => name.test(one) || address.test(one));
}

function withoutComment(value: string): string {
  const comment = value.search(/(?<=\s)[#;]/);
  return comment < 0 ? value : value.slice(0, comment).trimEnd();
}

/** The text that base64 holds, if it is text. */
function base64TextOf(text: string): string | undefined {
  if (text.length < shortestBase64 || !/^[A-Za-z0-9+/_\s-]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  if (bytes.length < (shortestBase64 / 4) * 3 - 2 || !isUtf8(bytes)) return undefined;
  const decoded = bytes.toString();
  return /[^\P{Cc}\t\r\n]/u.test(decoded) ? undefined : decoded;
}

function hasTokenRun(text: string): boolean {
  return (text.match(longRun) ?? []).some((run) => /\d/.test(run) && /[A-Za-z]/.test(run));
}

function isTokenLike(text: string): boolean {
  return text.length >= 16 && /\d/.test(text) && /[A-Za-z]/.test(text) && /^[\w.~+/=-]+$/.test(text);
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/g, (_, code: string | undefined, character: string) =>
    code === undefined ? (controls[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** The text with its HTML and XML references undone. */
function withoutReferences(text: string): string {
  return text.replace(/&#?[0-9A-Za-z]{1,18};/g, (reference) => {
    const { code = -1, end } = escapeAt(reference, 0);
    return code < 0 || end < reference.length ? reference : String.fromCodePoint(code);
  });
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
