import { types } from "node:util";
import { show } from "../own-property.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";

/** An error middleware of Express, which knows it by its four parameters. */
export type ExpressErrorMiddleware = (
  error: unknown,
  request: unknown,
  response: unknown,
  next: (error: unknown) => void,
) => void;

/** What Express and its users answer with; often inherited, so not in a copy. */
const answerKeys = ["status", "statusCode", "headers", "expose"] as const;

/**
 * Creates the error middleware that hands a masked copy of each error to those after it, so it belongs before every other one.
 * They answer with the same status and headers; only what they print or send is masked. An error that is copied keeps its name, not
 * its class.
 */
export function redactExpressErrors(redactor: Redactor = defaultRedactor): ExpressErrorMiddleware {
  return (error, _request, _response, next) => next(maskedError(error, redactor));
}

function maskedError(error: unknown, redactor: Redactor): unknown {
  if (!types.isNativeError(error) && !(error instanceof Error)) return redactor.deep(error);
  const copy = redactor.error(error);
  for (const key of answerKeys) {
    if (key in error && !(key in copy)) show(copy, key, redactor.deep(Reflect.get(error, key)));
  }
  return copy;
}
