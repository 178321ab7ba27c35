import { SecretError } from "@tacit/core/provider";

/** The location of an error in a file: the line, counted from 1, and the key. */
export interface Spot {
  readonly line?: number | undefined;
  readonly key?: string | undefined;
}

/** Creates the errors of one file that is being parsed. Keys are the only part of its content in them. */
export interface ParseFailures {
  /** The file violates the rules of its format, or parsers differ in how they read it. */
  syntax(what: string, spot: Spot, tip?: string): SecretError;
  /** The format allows the syntax, but the parser does not support it. */
  unsupported(what: string, spot: Spot): SecretError;
  duplicateKey(spot: Spot): SecretError;
  tooLarge(what: string): SecretError;
  /** The file can be read in more than one way. */
  ambiguous(what: string, tip: string): SecretError;
  other(reason: ParseReason, what: string, tip: string): SecretError;
}

/** The reasons of `other`. */
export type ParseReason = "empty" | "field-missing" | "go-map" | "not-object" | "not-utf8";

/** Creates the errors of the file at a path that is read as a format. */
export function parseFailures(path: string, format: string): ParseFailures {
  const failure = (reason: string, what: string, tip: string): SecretError =>
    new SecretError("INVALID_VALUE", `"${path}", read as ${format}, ${what}`, { reason, tip });
  return {
    syntax: (what, spot, tip) => failure("syntax", `${what}${at(spot)}`, tip ?? correct),
    unsupported: (what, spot) =>
      failure("unsupported-syntax", `${what}${at(spot)}`, "Write the value out; only plain keys and values are read."),
    duplicateKey: (spot) =>
      failure("duplicate-key", `has a key twice${at(spot)}`, "Keep one of them: parsers differ in which one they use."),
    tooLarge: (what) => failure("too-large", what, 'Check that it is a secret; a larger file can be read with "raw".'),
    ambiguous: (what, tip) => failure("ambiguous", what, tip),
    other: failure,
  };
}

/** Returns the line of a position in a text, counted from 1. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < position; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

const correct = "Correct the file at that place, or its `parse`; its content is not quoted here.";
const longestKey = 64;

function at({ line, key }: Spot): string {
  const places: string[] = [];
  if (line !== undefined) places.push(`line ${line}`);
  if (key !== undefined) places.push(`key ${JSON.stringify(key.slice(0, longestKey))}`);
  return places.length === 0 ? "" : ` (${places.join(", ")})`;
}
