import { checkArgument } from "../../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule } from "./argument-rules.ts";
import { redactInfo } from "./winston-info.ts";

/** The part of a winston format that loggers and `combine` call. */
export interface WinstonFormat {
  /** Returns the info to log: the given one if it contains no registered value, else a copy. */
  transform<Info extends object>(info: Info, options?: unknown): Info;
}

/**
 * Creates a winston format that masks the finished line and every field of the info; use it as the last one in `combine()`. A
 * later format prints the masked info, but its own additions are not checked. Formats of single transports run later: wrap
 * those transports with `redactTransport`.
 *
 * The format never changes the logged objects and never throws.
 * @throws {SecretError} INVALID_CONFIG for a wrong argument
 */
export function redactWinston(redactor: Redactor = defaultRedactor): WinstonFormat {
  checkArgument("redactWinston", "redactor", redactor, redactorRule);
  return { transform: (info) => redactInfo(info, redactor) };
}
