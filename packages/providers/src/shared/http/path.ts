import { SecretError } from "@tacit/core/provider";

/** What fills a path template or a query. */
export type UrlValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** What fills a query; a list gives its parameter as often as it has entries. */
export type QueryValues = Readonly<Record<string, UrlValues[string] | readonly string[]>>;

/**
 * Fills a template such as `/v1/{+mount}/data/{+path}`: `{name}` takes one segment, `{+name}` segments joined by `/`, and
 * `{*name}` such segments as one, with `%2F` between them. Each is encoded. Nothing that a server or a proxy on the way could read as another path gets through: empty segments, `.`, `..`,
 * backslashes, control characters, and percent codes, which a second decoding would turn into any of these.
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
  // Also what a caller put into the template itself: a line break here would be a second request.
  if (!/^\/[\w.~!$&'()*+,;=:@%/-]*$/.test(path) || /\/\.{1,2}(\/|$)/.test(path)) throw invalidPath();
  return path;
}

/** `?a=1&b=x%20y`, or nothing. Values that are undefined are left out; a space is `%20`, as no server reads it wrongly. */
export function fillQuery(values: QueryValues = {}): string {
  const pairs = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [value].flat().map((each) => `${encode(key)}=${encode(String(each))}`),
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function encodeSegment(segment: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
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
