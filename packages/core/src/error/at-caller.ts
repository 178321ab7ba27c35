import { isSecretError } from "./secret-error.ts";

/**
 * Lets the stack of a SecretError begin at whoever called a function of the public API: frames of the library tell an application
 * nothing. Where the library or an adapter is at fault (INTERNAL), they stay.
 */
export function atCaller(error: unknown, call: (...parameters: never[]) => unknown): unknown {
  if (isSecretError(error) && error.code !== "INTERNAL") Error.captureStackTrace(error, call);
  return error;
}
