import { SecretError } from "@tacit/core/provider";

/** name -> value in a path template or query, not encoded */
export type UrlValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** name -> value in a query, or a list of values for a repeated parameter */
export type QueryValues = Readonly<Record<string, UrlValues[string] | readonly string[]>>;

/**
 * Fills a template such as `/v1/{+mount}/data/{+path}`: `{name}` takes one segment, `{+name}` several segments joined by `/`,
 * and `{*name}` several segments joined by `%2F`. Each segment is encoded. Anything that a server or proxy could read as
 * another path is refused: empty segments, `.`, `..`, backslashes, control characters, and percent codes, which a second
 * decoding would turn into one of these.
 * @throws {SecretError} INVALID_NAME `path`
 */
export function fillPath(template: string, values: UrlValues = {}): string {
  const path = template.replace(/\{([+*]?)([A-Za-z]+)\}/g, (_, many: string, name: string) => {
    const value = String(values[name] ?? "");
    if (many === "") return encodeSegment(value);
    return value
      .split("/")
      .map(encodeSegment)
      .join(many === "+" ? "/" : "%2F");
  });
  // Also checks the template itself: a line break would start a second request.
  if (!/^\/[\w.~!$&'()*+,;=:@%/-]*$/.test(path) || /\/\.{1,2}(\/|$)/.test(path)) throw invalidPath();
  return path;
}

/** Encodes a query: `?a=1&b=x%20y`, or an empty text. Undefined values are left out; a space becomes `%20`, which all servers decode. @throws {SecretError} INVALID_NAME `path` for half of a surrogate pair */
export function fillQuery(values: QueryValues = {}): string {
  const pairs = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [value].flat().map((each) => `${encode(key)}=${encode(String(each))}`),
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function encodeSegment(segment: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression must find them
  if (/^\.{0,2}$|[/\\\x00-\x1f\x7f]|%[0-9a-f]{2}/i.test(segment)) throw invalidPath();
  return encode(segment);
}

function encode(text: string): string {
  if (!text.isWellFormed()) throw invalidPath();
  return encodeURIComponent(text);
}

function invalidPath(): SecretError {
  return new SecretError("INVALID_NAME", "the path cannot be part of a URL", {
    reason: "path",
    tip: 'Use segments joined by one "/", without ".", "..", backslashes, percent codes and control characters.',
  });
}
