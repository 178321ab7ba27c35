import { isSecretError, type SchemaIssue, type SecretError } from "./secret-error.ts";

/** The known facts of the error behind a SecretError; its message is part of that of the SecretError if it may be shown. */
export interface ErrorCause {
  /** The class: `PostgresError`, `TypeError`. */
  readonly name: string;
  /** Its own code: `ECONNREFUSED`, `28P01`. */
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

/** Returns what events and health tell of an error. */
export function detailsOf(error: SecretError): ErrorDetails {
  const cause = causeOf(error);
  return {
    message: error.message,
    ...(cause === undefined ? {} : { cause }),
    ...(error.issues === undefined ? {} : { issues: error.issues }),
  };
}

/** The first cause that is foreign; of SecretErrors alone the one behind the error itself. */
function causeOf({ cause }: SecretError): ErrorCause | undefined {
  if (!(cause instanceof Error) && !isSecretError(cause)) return undefined;
  const { name, code, status } = cause as { name: string; code?: string; status?: number };
  const own = { name, ...(code === undefined ? {} : { code }) };
  if (isSecretError(cause)) return causeOf(cause) ?? own;
  return { ...own, ...(status === undefined ? {} : { status }) };
}
