import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";

/** Stands for a line that could not be checked; nothing of the line is in it. */
export const uncheckedLine: string = `{"level":50,"msg":"${fixedLine}"}\n`;

/** Masks what is about to be written, which pino hands over as whole lines. What cannot be masked becomes the fixed line. */
export function maskedLine(line: unknown, redactor: Redactor): string {
  try {
    return typeof line === "string" ? redactor.redactJson(line, "pino") : uncheckedLine;
  } catch {
    return uncheckedLine;
  }
}
