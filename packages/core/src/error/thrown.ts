import { isSecretError, scrubbedCause } from "./secret-error.ts";

/** Masks text of the application; returns undefined if part of a value would remain. */
export type MaskWords = (text: string) => string | undefined;

/** The masked description of an error that application code threw. */
export interface Thrown {
  /** The text for a message, such as `PostgresError 28P01: password authentication failed`. */
  readonly words: string;
  readonly cause: Error;
}

/** The longest message that is searched for values, in characters; a longer one is withheld. */
const longestRead = 10_000;
const longestShown = 300;

/** Describes an error that application code threw: name, code, status and masked message. */
export function thrownBy(error: unknown, mask: MaskWords): Thrown {
  const message = maskedMessage(error, mask);
  const cause = scrubbedCause(error, message);
  const { name, code, status } = cause as { name: string; code?: string; status?: number };
  const facts = [name, code, isSecretError(cause) ? undefined : status].filter((fact) => fact !== undefined).join(" ");
  return { words: message === undefined ? facts : `${facts}: ${message}`, cause };
}

/** Returns the message on one line, masked and then shortened: a value that was cut first would not be recognised. */
function maskedMessage(error: unknown, mask: MaskWords): string | undefined {
  try {
    const { message } = Object(error) as { message?: unknown };
    if (typeof message !== "string" || message === "" || message.length > longestRead) return undefined;
    const line = mask(message)
      ?.replace(/[\s\p{Cc}]+/gu, " ")
      .trim();
    return line === undefined || line.length <= longestShown ? line : `${line.slice(0, longestShown)}...`;
  } catch {
    // A proxy or a getter threw.
    return undefined;
  }
}
