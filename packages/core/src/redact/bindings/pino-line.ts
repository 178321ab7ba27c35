import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";

/** The line that replaces one that could not be checked; it contains nothing of that line. */
export const uncheckedLine: string = `{"level":50,"msg":"${fixedLine}"}\n`;

/** Masks a whole line that pino is about to write. A line that cannot be masked is replaced with the fixed line. */
export function maskedLine(line: unknown, redactor: Redactor): string {
  try {
    return typeof line === "string" ? redactor.redactJson(line, "pino") : uncheckedLine;
  } catch {
    return uncheckedLine;
  }
}
