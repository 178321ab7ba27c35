import { isUtf8 } from "node:buffer";
import { SecretError } from "../error/secret-error.ts";
import { type JsonFault, jsonFaults } from "./json-faults.ts";
import { listedNames } from "./listed-names.ts";

/** The origin of the bytes, for messages. */
export interface JsonOrigin {
  readonly reference: string;
  readonly provider?: string | undefined;
}

/**
 * Reads bytes as one JSON document and returns its source text, without a byte order mark and outer white space.
 * @throws {SecretError} INVALID_VALUE, reasons `not-utf8` (also for half of a surrogate pair), `not-json`, `duplicate-key`; the
 * message lists keys, but contains no excerpt, length or offset
 */
export function readJsonSource(bytes: Uint8Array, origin: JsonOrigin, tip = correct): string {
  if (!isUtf8(bytes)) throw notUtf8(origin);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  // A regular expression would keep the text in `RegExp.$_`.
  const source = (text.startsWith("\uFEFF") ? text.slice(1) : text).trim();
  const faults = jsonFaults(source);
  if (faults.length === 0) return source;
  throw isSyntax(faults) ? notJson(origin, tip) : ambiguous(faults, origin);
}

const correct = "Correct the value in the store, or read it unparsed with text().";

function isSyntax(faults: readonly JsonFault[]): boolean {
  return faults.some(({ kind }) => kind === "syntax");
}

function notUtf8(origin: JsonOrigin): SecretError {
  return new SecretError("INVALID_VALUE", `the value of "${origin.reference}" is not valid UTF-8, so it is not JSON`, {
    ...origin,
    reason: "not-utf8",
    tip: "Read it with bytes().",
  });
}

function notJson(origin: JsonOrigin, tip: string): SecretError {
  return new SecretError("INVALID_VALUE", `the value of "${origin.reference}" is not JSON`, {
    ...origin,
    reason: "not-json",
    tip,
  });
}

/** Returns the error for JSON that parsers read differently. */
function ambiguous(faults: readonly JsonFault[], origin: JsonOrigin): SecretError {
  const repeated = placesOf(faults, "duplicate-key");
  if (repeated.size > 0) {
    return new SecretError(
      "INVALID_VALUE",
      `the JSON of "${origin.reference}" has duplicate keys: ${listedNames(repeated)}`,
      {
        ...origin,
        reason: "duplicate-key",
        tip: "Keep one of each: parsers differ in which one they use.",
      },
    );
  }
  const places = placesOf(faults, "lone-surrogate");
  return new SecretError(
    "INVALID_VALUE",
    `the JSON of "${origin.reference}" has strings that are not valid Unicode: ${listedNames(places)}`,
    {
      ...origin,
      reason: "not-utf8",
      tip: "Correct the \\u escapes of the value in the store: half of a surrogate pair is not a character.",
    },
  );
}

function placesOf(faults: readonly JsonFault[], kind: JsonFault["kind"]): Set<string> {
  return new Set(
    faults.flatMap((fault) =>
      fault.kind === kind ? [fault.path.join(".").toWellFormed() || "(the whole value)"] : [],
    ),
  );
}
