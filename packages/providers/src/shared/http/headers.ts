import { SecretError } from "@tacit/core/provider";
import manifest from "../../../package.json" with { type: "json" };

/** name -> value, or a list of values that are sent as one line each; undefined values are left out */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Copies headers with lower-case names. A line break in a value would start another header, so it is refused before anything
 * is sent.
 * @throws {SecretError} UNAUTHENTICATED `credential-malformed`, without the value; the usual cause is a line break at the end of a token
 */
export function checkedHeaders(headers: HttpHeaders): Record<string, string | readonly string[]> {
  const checked: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    // RFC 9110, 5.5 and 5.6.2: a name is a token; a value is visible characters, spaces and tabs.
    if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name)) throw malformed("a header");
    if (![value].flat().every((line) => /^[\t\x20-\x7e\x80-\xff]*$/.test(line)))
      throw malformed(`the header "${name.toLowerCase()}"`);
    checked[name.toLowerCase()] = value;
  }
  return checked;
}

/**
 * Returns the User-Agent header: `tacit/1.2.3 orders`.
 * @param application the name of this program; at most 128 visible ASCII characters of it are kept
 */
export function userAgent(application?: string): string {
  const name = application?.replace(/[^\x21-\x7e]+/g, "").slice(0, 128) ?? "";
  return `tacit/${manifest.version}${name === "" ? "" : ` ${name}`}`;
}

function malformed(what: string): SecretError {
  return new SecretError("UNAUTHENTICATED", `${what} would contain a character that is not allowed in a header`, {
    reason: "credential-malformed",
    tip: "Check the credential for a line break or a byte order mark.",
  });
}
