import { isSecretError, type SecretError } from "./secret-error.ts";

/**
 * Makes the stack of a SecretError begin at the caller of a function of the public API, because the library's own frames do
 * not help an application. INTERNAL errors, which are faults of the library or an adapter, keep them.
 */
export function atCaller(error: unknown, call: (...parameters: never[]) => unknown): unknown {
  if (isSecretError(error) && error.code !== "INTERNAL") Error.captureStackTrace(error, call);
  return error;
}

/**
 * Does the same for a helper that does not know which public function called it: the stack begins at the caller of the caller
 * of `part`. A getter, which has no reference to itself, omits `part`.
 */
export function atCallerOf(error: SecretError, part: (...parameters: never[]) => unknown = atCallerOf): SecretError {
  Error.captureStackTrace(error, part);
  // `Error.prepareStackTrace` of the application can make the stack something other than a string.
  if (typeof error.stack === "string") error.stack = error.stack.replace(/\n +at .*/, "");
  return error;
}

/** Wraps a function so that the stacks of its errors begin at its caller. */
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
