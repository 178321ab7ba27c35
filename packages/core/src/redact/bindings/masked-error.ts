import { types } from "node:util";
import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";

/** Returns a masked copy of a thrown Error; any other value is copied only if it contains a registered value. Never throws. */
export function maskedError(thrown: unknown, redactor: Redactor, sink: string): unknown {
  try {
    return isError(thrown) ? redactor.error(thrown, sink) : redactor.deep(thrown, sink);
  } catch {
    // A trap of a proxy may throw.
    return new Error(fixedLine);
  }
}

/** Whether a thrown value is an Error. Throws whatever a trap of a proxy throws. */
export function isError(thrown: unknown): thrown is Error {
  return types.isNativeError(thrown) || thrown instanceof Error;
}
