import { isUtf8 } from "node:buffer";
import { escapeAt } from "./engine/escape.ts";
import { isNoSecret, minLength } from "./mask-policy.ts";

/**
 * Returns the parts of a text that may be secrets themselves: user info, parameters and tokens of URLs; values of connection
 * strings, of `.env`, `.npmrc`, `.netrc`, `.pgpass`, INI, properties and YAML lines, of YAML blocks and of XML elements; lines
 * of JSON; Basic and Bearer credentials; tokens in a list; and the content of base64. A wrong candidate is harmless, because it
 * is searched in vain; other code decides whether it may be masked.
 */
export function innerValues(text: string): readonly string[] {
  const decoded = base64TextOf(text);
  // Most values are tokens, which contain none of these.
  const found = new Set(plainToken.test(text) ? [] : valuesWithin(text));
  if (decoded !== undefined) found.add(decoded);
  return [...found];
}

/** Matches texts without any separator. */
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
/** The maximum number of settings; other kinds of text may seem to have thousands. */
const mostListed = 64;
const mostLines = 2_000;
const secretKey = /pass|pwd|secret|token|key|cred|auth/i;
const word = String.raw`(?:[a-z]+|\d{1,4})`;
/** Words and small numbers with separators: not a secret, unless the key says otherwise. */
const name = new RegExp(`^${word}(?:[-._/]${word})*$`, "i");
/** The address of a host with a scheme or a dot: `https://npm.example/shop/`, `kafka.example:9092`. */
const address = new RegExp(
  String.raw`^(?=[a-z]+://|[^/]*\.)(?:[a-z][a-z0-9+.-]{0,30}://)?${word}(?:[-._]${word})*(?::\d{1,5})?(?:[-._/]${word})*/?$`,
  "i",
);
/** `key=value`, `key: value`, and the assignments of Make, PowerShell and PHP. */
const assignment =
  /^(?:export\s+|\/\/\S+?:|\$(?:env:)?)?["']?([\w./@ -]{1,100}?)["']?(\s+(?:[?:+]=|=>)\s*|\s*=\s*|\s*:(?!\/\/)\s*)(\S.*)$/;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** The minimum length of base64; shorter texts are words. */
const shortestBase64 = 16;
/** Words and names have fewer consecutive letters and digits. */
const longRun = /[A-Za-z0-9]{16,}/g;

function take(values: Iterable<string>, most: number, text: string, found: Set<string>): void {
  let taken = 0;
  for (const value of values) {
    for (const one of [value, percentDecoded(value)]) if (one.length >= minLength && one !== text) found.add(one);
    if (++taken >= most) return;
  }
}

/**
 * Returns the secrets of URLs: `scheme://user:password@host`, also with a token as the user; tokens in the path, as in
 * webhooks; `user/password@host` of Oracle, alone or in `jdbc:oracle:thin:`; and `user:password@host` of proxies and of MySQL
 * in Go.
 */
function* inUrls(text: string): Generator<string> {
  const oracle = /^(?:jdbc:oracle:\w+:)?[^/@:\s]+\/(?:"([^"]*)"|([^@\s]+))@/i.exec(text);
  if (oracle !== null) yield oracle[1] ?? oracle[2] ?? "";
  const [, bare = ""] = /^[^\s:/@]+:(?!\/\/)(\S+)@[\w.([-]/i.exec(text) ?? [];
  if (bare !== "") yield bare;
  // Without this check, each letter of a token would be tried as the beginning of a scheme.
  if (!text.includes("://")) return;
  for (const { index, 0: scheme } of text.matchAll(/[a-z][a-z0-9+.-]{0,30}:\/\//gi)) {
    const line = text.slice(index + scheme.length).split(/[\r\n]/, 1)[0] ?? "";
    const rest = line.split(/\s/, 1)[0] ?? "";
    const authority = rest.split(/[/?#]/, 1)[0] ?? "";
    // A password with a slash, question mark, hash or space is not valid in a URL, but many clients accept it.
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

/**
 * Returns the values of `key=value` in lists with `;`, `&`, commas or spaces, quoted or not; quotes inside are doubled or
 * escaped.
 */
function* listedIn(text: string): Generator<string> {
  if (!text.includes("=")) return;
  for (const match of text.matchAll(/(?:^|[;?#&\s,])([\w.:-]{1,60}(?: [\w.:-]{1,60}){0,3}) {0,8}= {0,8}/g)) {
    if (isNoSecret(match[1] as string)) continue;
    const rest = text.slice(match.index + match[0].length);
    for (const value of settingsAt(rest)) if (mayBeSecret(match[1] as string, value)) yield value;
  }
}

/** Returns the value in quotes or braces, or up to the end of a setting. */
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

/** Returns the values of `{key: value, "key": value}` in YAML and JavaScript. */
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

/** Returns the indented lines below `key: |` in YAML, as lines and joined. */
function* blocksIn(text: string): Generator<string> {
  const blocks = /^([ \t]*)\S[^\n]*:[ \t]*[|>][+-]?\d?[ \t]*\r?\n((?:\1[ \t]+\S[^\n]*\n?|[ \t]*\r?\n)+)/gm;
  for (const [, , body = ""] of text.matchAll(blocks)) {
    const lines = body.split("\n").map((line) => line.trim());
    yield* [lines.join("\n").trim(), lines.join(" ").trim()];
  }
}

/** Returns the lines, unchanged and with continuations after a backslash joined. */
function linesOf(text: string): Iterable<string> {
  const joined = text.replace(/\\\r?\n[ \t]*/g, "");
  return new Set([text, joined].flatMap((one) => one.split(/[\r\n]+/, mostLines)));
}

/** Returns `Basic` credentials with their decoded content, and the tokens of `Bearer` and similar schemes. */
function* credentialsIn(text: string): Generator<string> {
  for (const [, scheme = "", value = ""] of text.matchAll(/\b(Basic|Bearer|Token|Digest|ApiKey)\s+([^\s,;"']+)/gi)) {
    yield value;
    const decoded = scheme.toLowerCase() === "basic" ? base64TextOf(value) : undefined;
    if (decoded !== undefined) yield* [decoded, decoded.slice(decoded.indexOf(":") + 1)];
  }
}

/** Returns the values that one line of settings or credentials assigns. */
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

/** Whether a line is a setting that is not secret by its name or value. */
export function isPlainSetting(line: string): boolean {
  const [, key = "", separator = "", value = ""] = assignment.exec(line) ?? [];
  if (value === "") return false;
  return (isNoSecret(key) && separator !== ":") || ![...readingsOf(value)].some((one) => mayBeSecret(key, one));
}

/** Returns each random word of a list, a table row or a command, as in `first,second`. */
function* tokensIn(line: string): Generator<string> {
  const words = line.replace(/\S+:\/\/\S+/g, " ").split(/[\s,;:|"'`()<>]+/);
  // A word that is a whole line is a line of a key, or is searched as a line.
  if (words.length > 1)
    yield* words.filter((one) => /^\w[\w.~+/=-]*$/.test(one) && (hasTokenRun(one) || uuid.test(one)));
}

/** Returns a value without quotes, a trailing comment, and the anchor or tag of YAML. */
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

/** Returns the text in base64, if it is text. */
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

/** Returns the text with its HTML and XML references decoded. */
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
