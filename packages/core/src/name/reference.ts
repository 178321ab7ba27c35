import { SecretError } from "../error/secret-error.ts";
import { formatSelector, parseSelector, type Selector } from "./selector.ts";

/** The version of a secret to which a reference points. */
export type Stage = "current" | "previous";

/** A parsed reference: `db/primary@previous#password`. */
export interface Reference {
  /** The canonical form: without `@current`, and with an escaped pointer. Equal references have equal text. */
  readonly text: string;
  readonly name: string;
  readonly stage: Stage;
  readonly selector?: Selector;
}

const maxNameLength = 253;
const allowedForm =
  'A name is made of segments joined by single slashes, such as "db/primary"; a segment begins with a letter or digit and continues with letters, digits, ".", "_" or "-"; 253 characters in all.';

/**
 * Parses `name [@stage] [#selector]`. Errors never quote the text, because it may be a value passed by mistake.
 * @throws {SecretError} INVALID_NAME with the 0-based position of the first invalid character
 */
export function parseReference(text: unknown): Reference {
  assertText(text, "reference");
  const hash = text.indexOf("#");
  const head = hash === -1 ? text : text.slice(0, hash);
  const at = head.indexOf("@");
  const name = at === -1 ? head : head.slice(0, at);
  assertForm(name, text, "reference");
  const stage = at === -1 ? "current" : parseStage(head.slice(at + 1));
  const versioned = stage === "current" ? name : `${name}@${stage}`;
  if (hash === -1) return { text: versioned, name, stage };
  const selector = parseSelector(text.slice(hash + 1));
  return { text: `${versioned}#${formatSelector(selector)}`, name, stage, selector };
}

/**
 * Checks a name without stage and selector.
 * @throws {SecretError} INVALID_NAME with the 0-based position of the first invalid character
 */
export function assertName(name: string): void {
  assertText(name, "name");
  assertForm(name, name, "name");
}

/**
 * Checks the key under which an application declares a reference.
 * @throws {SecretError} INVALID_NAME if it is empty or could be read as a reference
 */
export function assertAlias(alias: string): void {
  assertText(alias, "alias");
  const position = alias.search(/[/@#]/);
  if (position === -1) return;
  throw new SecretError(
    "INVALID_NAME",
    `an alias may not contain ${described(alias, position)} (position ${position})`,
    {
      reason: "alias",
      tip: 'Choose a plain key such as "db"; the reference belongs in its `ref`.',
    },
  );
}

function assertText(text: unknown, noun: string): asserts text is string {
  if (typeof text !== "string") throw invalid("not-a-string", `the ${noun} must be a string, got ${typeName(text)}`);
  if (text === "") throw invalid("empty", `the ${noun} is empty`);
  if (text.trim() === "") throw invalid("blank", `the ${noun} contains only white space`);
}

function assertForm(name: string, text: string, noun: string): void {
  if (name.length > maxNameLength) throw invalid("too-long", `the name in the ${noun} is longer than 253 characters`);
  const position = misfit(name);
  if (position === undefined) return;
  throw invalid("form", `the ${noun} is malformed at position ${position}: unexpected ${described(text, position)}`);
}

/** Returns the position at which a name violates the grammar. A segment cannot begin with a dot, so `..` is refused. */
function misfit(name: string): number | undefined {
  let start = 0;
  for (const segment of name.split("/")) {
    const fitting = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(segment)?.[0].length ?? 0;
    if (fitting < segment.length || segment === "") return start + fitting;
    start += segment.length + 1;
  }
  return undefined;
}

function parseStage(stage: string): Stage {
  if (stage === "current" || stage === "previous") return stage;
  throw new SecretError("INVALID_NAME", 'the stage after "@" must be "current" or "previous"', {
    reason: "stage",
    tip: "Version ids of a store belong in a binding of the config document, not in a reference.",
  });
}

function invalid(reason: string, message: string): SecretError {
  return new SecretError("INVALID_NAME", message, { reason, tip: allowedForm });
}

/** Formats one character for a message: printable ASCII as it is, any other as its code point. */
function described(text: string, position: number): string {
  const code = text.codePointAt(position);
  if (code === undefined) return "end";
  if (code > 0x20 && code < 0x7f) return `"${String.fromCodePoint(code)}"`;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function typeName(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}
