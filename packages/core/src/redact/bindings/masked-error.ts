import { types } from "node:util";
import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";

/** What was thrown, masked: a copy if it is an Error, else a copy of the same shape only if it holds something. It never throws. */
export function maskedError(thrown: unknown, redactor: Redactor, sink: string): unknown {
  try {
    return isError(thrown) ? redactor.error(thrown, sink) : redactor.deep(thrown, sink);
  } catch {
    // a proxy whose traps throw
    return new Error(fixedLine);
  }
}

/** May throw what a proxy throws. */
export function isError(thrown: unknown): thrown is Error {
  return types.isNativeError(thrown) || thrown instanceof Error;
}
