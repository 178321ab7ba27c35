import type { Redactor } from "@tacit/core";
import { checkArgument, optionRules } from "@tacit/core/provider";
import { type ExpressErrorMiddleware, redactExpressErrors } from "@tacit/core/redact";

/** The part of a client that masks revealed values. */
export interface Redacting {
  readonly redactor: Redactor;
}

/**
 * Creates the error middleware that passes masked copies of errors to everything after it: other error middleware, and the
 * final handler of Express with its page and its line on standard error. Use it after the routes and before every other error
 * middleware. An error that is copied keeps its name, status and headers, not its class.
 */
export function redactErrors(secrets: Redacting): ExpressErrorMiddleware {
  checkArgument("redactErrors", "secrets.redactor", secrets?.redactor, optionRules.methods("error"));
  return redactExpressErrors(secrets.redactor);
}
