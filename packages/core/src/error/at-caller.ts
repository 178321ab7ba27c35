import { isSecretError, type SecretError } from "./secret-error.ts";

/**
 * Lets the stack of a SecretError begin at whoever called a function of the public API: frames of the library tell an application
 * nothing. Where the library or an adapter is at fault (INTERNAL), they stay.
 */
export function atCaller(error: unknown, call: (...parameters: never[]) => unknown): unknown {
  if (isSecretError(error) && error.code !== "INTERNAL") Error.captureStackTrace(error, call);
  return error;
}

/**
 * The same for what does not know the function of the public API that it belongs to: the stack begins at whoever called the caller of
 * `part`. A getter, which has no name for itself, leaves `part` out.
 */
export function atCallerOf(error: SecretError, part: (...parameters: never[]) => unknown = atCallerOf): SecretError {
  Error.captureStackTrace(error, part);
  // An application may have made something else of stacks.
  if (typeof error.stack === "string") error.stack = error.stack.replace(/\n +at .*/, "");
  return error;
}

/** Returns a function whose errors begin at whoever called it. */
export function fromCaller<P extends readonly unknown[], R>(call: (...parameters: P) => R): (...parameters: P) => R {
  const called = (...parameters: P): R => {
    try {
      return call(...parameters);
    } catch (error) {
      throw atCaller(error, called);
    }
  };
  return called;
}
