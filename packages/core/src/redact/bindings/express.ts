import { checkArgument } from "../../name/check-options.ts";
import { show } from "../own-property.ts";
import { defaultRedactor, type Redactor } from "../redactor.ts";
import { redactorRule } from "./argument-rules.ts";
import { maskedError } from "./masked-error.ts";

/** An error middleware, which Express recognizes by its four parameters. */
export type ExpressErrorMiddleware = (
  error: unknown,
  request: unknown,
  response: unknown,
  next: (error: unknown) => void,
) => void;

/** The members that determine the response; they are often inherited, and so not copied. */
const answerKeys = ["status", "statusCode", "headers", "expose"] as const;

/**
 * Creates an error middleware that passes a masked copy of each error on. Add it before every other error middleware: they
 * answer with the same status and headers, and only their output is masked. The copy is also assigned to `response.err`, which
 * pino-http logs. It keeps the name of the error, but not its class.
 */
export function redactExpressErrors(redactor: Redactor = defaultRedactor): ExpressErrorMiddleware {
  checkArgument("redactExpressErrors", "redactor", redactor, redactorRule);
  return (error, _request, response, next) => {
    const masked = answerable(error, maskedError(error, redactor, "express"), redactor);
    // Without this member, pino-http logs an error of its own that contains only the status.
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

/** Returns the result, or undefined if a foreign getter or setter throws. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}
