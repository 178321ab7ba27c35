import { checkArgument } from "../../name/check-options.ts";
import { show } from "../own-property.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule } from "./argument-rules.ts";
import { maskedError } from "./masked-error.ts";

/** An error middleware of Express, which recognises it by its four parameters. */
export type ExpressErrorMiddleware = (
  error: unknown,
  request: unknown,
  response: unknown,
  next: (error: unknown) => void,
) => void;

/** What Express and its users answer with; often inherited, so not in a copy. */
const answerKeys = ["status", "statusCode", "headers", "expose"] as const;

/**
 * Creates the error middleware that passes a masked copy of each error to later error middleware, so it belongs before every
 * other one. They answer with the same status and headers; only their output is masked. The copy is also `err` of the response,
 * for pino-http to log. An error that is copied keeps its name, not its class.
 */
export function redactExpressErrors(redactor: Redactor = defaultRedactor): ExpressErrorMiddleware {
  checkArgument("redactExpressErrors", "redactor", redactor, redactorRule);
  return (error, _request, response, next) => {
    const masked = answerable(error, maskedError(error, redactor, "express"), redactor);
    // pino-http logs this member, and else an error of its own that says no more than the status.
    attempt(() => Object.assign(response as object, { err: masked }));
    next(masked);
  };
}

function answerable(error: unknown, copy: unknown, redactor: Redactor): unknown {
  if (copy === error || !(copy instanceof Error)) return copy;
  const inherited = answerKeys.filter((key) => !(key in copy));
  for (const key of inherited) {
    const value = attempt(() => Reflect.get(Object(error), key));
    if (value !== undefined) show(copy, key, redactor.deep(value, "express"));
  }
  return copy;
}

/** Getters and setters of somebody else may throw. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}
