import { SecretError } from "@tacit/core/provider";
import manifest from "../../../package.json" with { type: "json" };

/** Header names to values, of which a list makes one line each; undefined ones are left out. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Copies headers with lower-case names. A line break in a value would end the header and begin another one, so it is
 * refused here, before anything is sent and without a word of the value.
 * @throws {SecretError} UNAUTHENTICATED `credential-malformed`: nearly always a token with a line break at its end
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
 * How Tacit shows up in a store's audit log: `tacit/1.2.3 orders`.
 * @param application what the operator calls this program; other characters than visible ASCII are dropped
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
