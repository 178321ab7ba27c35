import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { madeUpPrefix } from "./fixture.ts";

/** A text that must not appear, with a description of its origin. */
export interface Trace {
  readonly pattern: string;
  /** The description for messages, such as `the value` or `the sha256 of the value in hex`. */
  readonly name: string;
}

/**
 * Returns the forms of a value that a careless message may contain: its text, pieces of a random one, and the usual encodings.
 */
export function tracesOfValue(bytes: Uint8Array, what: string): readonly Trace[] {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString("utf8");
  return [
    { pattern: text, name: what },
    ...piecesOf(text).map((pattern) => ({ pattern, name: `a piece of ${what}` })),
    { pattern: buffer.toString("hex"), name: `${what} in hex` },
    { pattern: buffer.toString("base64").replace(/=+$/, ""), name: `${what} in base64` },
    { pattern: buffer.toString("base64url"), name: `${what} in base64url` },
    { pattern: encodeURIComponent(text), name: `${what} percent-encoded` },
    { pattern: [...buffer].join(","), name: `${what} as a list of bytes` },
  ];
}

/** Returns the digests that adapters may use as a version: of the bytes, their trimmed text and their JSON, also truncated. */
export function tracesOfHashes(contents: readonly Uint8Array[], json: string): readonly Trace[] {
  const texts = contents.map((bytes) => Buffer.from(bytes).toString("utf8"));
  const inputs = [...contents, ...texts.map((text) => text.trim()), ...texts.map((text) => JSON.stringify(text))];
  inputs.push(texts.join(""), texts.join("\n"), texts.join("\0"), json);
  return inputs.flatMap((input) =>
    ["md5", "sha1", "sha256", "sha512"].flatMap((algorithm) => {
      const digest = createHash(algorithm).update(input).digest();
      return [
        { pattern: digest.toString("hex").slice(0, 12), name: `the ${algorithm} of the value in hex` },
        { pattern: digest.toString("base64").slice(0, 10), name: `the ${algorithm} of the value in base64` },
        { pattern: digest.toString("base64url").slice(0, 10), name: `the ${algorithm} of the value in base64url` },
      ];
    }),
  );
}

/** Returns the name of the first trace in a text; ignores letter case and white space. */
export function findTrace(text: string, traces: readonly Trace[]): string | undefined {
  const packed = pack(text);
  return traces.find(({ pattern }) => pattern !== "" && (text.includes(pattern) || packed.includes(pack(pattern))))
    ?.name;
}

/**
 * Returns everything that printing can show of a value: message, stack, causes, JSON, and hidden properties to a depth of ten.
 */
export function printed(value: unknown): string {
  const shown = inspect(value, { depth: 10, showHidden: true, maxArrayLength: null, maxStringLength: null });
  const parts = [shown, safely(() => JSON.stringify(value)), safely(() => String(value))];
  for (let error = value; error instanceof Error; error = error.cause) parts.push(error.message, error.stack ?? "");
  return parts.join("\n");
}

/** Returns the 10-character pieces of a generated value; pieces of any other value could appear by chance. */
function piecesOf(text: string): readonly string[] {
  const random = text.startsWith(madeUpPrefix) ? text.slice(madeUpPrefix.length) : "";
  return Array.from({ length: Math.max(0, random.length - 9) }, (_, start) => random.slice(start, start + 10));
}

function pack(text: string): string {
  return text.replace(/\s+/g, "").toLowerCase();
}

function safely(print: () => string | undefined): string {
  try {
    return print() ?? "";
  } catch {
    return "";
  }
}
