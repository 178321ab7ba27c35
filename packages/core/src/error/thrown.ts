import { isSecretError, scrubbedCause } from "./secret-error.ts";

/** Masks text of the application; undefined where something of a value would still show. */
export type MaskWords = (text: string) => string | undefined;

/** What code of the application threw, as far as it may be told. */
export interface Thrown {
  /** For a message: `PostgresError 28P01: password authentication failed`. */
  readonly words: string;
  readonly cause: Error;
}

/** Longer ones are not looked through for values. */
const longestRead = 10_000;
const longestTold = 300;

/** Returns what may be told of an error that code of the application threw: name, code and status, and its message masked. */
export function thrownBy(error: unknown, mask: MaskWords): Thrown {
  const message = maskedMessage(error, mask);
  const cause = scrubbedCause(error, message);
  const { name, code, status } = cause as { name: string; code?: string; status?: number };
  const facts = [name, code, isSecretError(cause) ? undefined : status].filter((fact) => fact !== undefined).join(" ");
  return { words: message === undefined ? facts : `${facts}: ${message}`, cause };
}

/** On one line, and bounded: masked first, since half of a value would not be found. */
function maskedMessage(error: unknown, mask: MaskWords): string | undefined {
  try {
    const { message } = Object(error) as { message?: unknown };
    if (typeof message !== "string" || message === "" || message.length > longestRead) return undefined;
    const line = mask(message)
      ?.replace(/[\s\p{Cc}]+/gu, " ")
      .trim();
    return line === undefined || line.length <= longestTold ? line : `${line.slice(0, longestTold)}...`;
  } catch {
    // An error that cannot be looked at says nothing.
    return undefined;
  }
}
