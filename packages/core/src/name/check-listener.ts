import { atCallerOf } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";
import { nearest } from "./nearest.ts";

/**
 * Checks the event and listener of a subscription, because a misspelt event would go unnoticed until the next rotation.
 * @param owner the owner of the events, for messages: "a watch", "a client"
 * @throws {SecretError} INVALID_CONFIG, reason `option`; the message names the event and the nearest known one
 */
export function checkListener(owner: string, known: readonly string[], event: unknown, listener: unknown): void {
  const isKnown = known.includes(event as string);
  if (isKnown && typeof listener === "function") return;
  const problem = isKnown ? `the listener of "${event}" must be a function` : unknownEvent(owner, known, event);
  throw atCallerOf(wrong(problem, owner, known), checkListener);
}

function unknownEvent(owner: string, known: readonly string[], event: unknown): string {
  if (typeof event !== "string") return `the name of an event of ${owner} must be text`;
  const near = nearest(event, known);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return `${owner} has no event ${JSON.stringify(event.slice(0, 64))}${hint}`;
}

function wrong(message: string, owner: string, known: readonly string[]): SecretError {
  return new SecretError("INVALID_CONFIG", message, {
    reason: "option",
    tip: `The events of ${owner} are: ${known.join(", ")}.`,
  });
}
