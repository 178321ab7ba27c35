import { isSecretError, type SchemaIssue, type SecretError } from "./secret-error.ts";

/** The known facts of the error that caused a SecretError. If its message may be shown, the SecretError's message contains it. */
export interface ErrorCause {
  /** The class, such as `PostgresError` or `TypeError`. */
  readonly name: string;
  /** The error's own code, such as `ECONNREFUSED` or `28P01`. */
  readonly code?: string;
  /** An HTTP status. */
  readonly status?: number;
}

/** The details of an error in events and health, beside its code and reason. They contain no part of a value. */
export interface ErrorDetails {
  readonly message: string;
  readonly cause?: ErrorCause;
  readonly issues?: readonly SchemaIssue[];
}

/** Returns the details of an error for events and health. */
export function detailsOf(error: SecretError): ErrorDetails {
  const cause = causeOf(error);
  return {
    message: error.message,
    ...(cause === undefined ? {} : { cause }),
    ...(error.issues === undefined ? {} : { issues: error.issues }),
  };
}

/** Returns the first foreign cause in the chain, or the innermost SecretError if there is none; undefined without a cause. */
function causeOf({ cause }: SecretError): ErrorCause | undefined {
  if (!(cause instanceof Error) && !isSecretError(cause)) return undefined;
  const { name, code, status } = cause as { name: string; code?: string; status?: number };
  const own = { name, ...(code === undefined ? {} : { code }) };
  if (isSecretError(cause)) return causeOf(cause) ?? own;
  return { ...own, ...(status === undefined ? {} : { status }) };
}
