import { type CallContext, isSecretError, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import type { HttpRequest } from "../shared/http/client.ts";
import { askAccess } from "./access-review.ts";
import type { ApiConnection } from "./api-connection.ts";
import { type Access, deniedFailure } from "./api-status.ts";

/**
 * Sends a request, and tells a missing right from a server that starts. What was denied is asked once more by then: the server
 * may have become ready between the denial and the question whether it is.
 * @throws {SecretError} PERMISSION_DENIED `access-rule`, UNAVAILABLE `api-server-starting`, and what a request throws
 */
export async function requestAllowed(
  connection: ApiConnection,
  request: HttpRequest,
  access: Access,
  context: CallContext,
): Promise<HttpAnswer> {
  const answer = await connection.request(request, context);
  if (answer.status !== 403) return answer;
  const error = await denial(connection, access, context);
  if (error.code !== "PERMISSION_DENIED") throw error;
  const again = await connection.request(request, context);
  if (again.status === 403) throw error;
  return again;
}

/**
 * What a 403 means: that a rule is missing, or that the API server starts. It denies everything until it has read its access
 * rules, also what every identity may do by default, and is not ready before it has.
 * @throws {SecretError} what a request throws
 */
async function denial(connection: ApiConnection, access: Access, context: CallContext): Promise<SecretError> {
  const status = await readiness(connection, context);
  if (status >= 500) return starting();
  // Some clusters let nobody ask that; then another question that is everybody's tells the two apart.
  if (status === 403 && (await askAccess(connection, access, context)).allowed === undefined) return starting();
  return deniedFailure(access);
}

/** 404 where something that stands before the API server has an answer of its own. */
async function readiness(connection: ApiConnection, context: CallContext): Promise<number> {
  try {
    return (await connection.request({ path: "/readyz", accept: [403, 404, 500, 503] }, context)).status;
  } catch (error) {
    if (isSecretError(error, "INTERNAL")) return 404;
    throw error;
  }
}

function starting(): SecretError {
  return new SecretError("UNAVAILABLE", "the API server denied a request before it was ready to judge it", {
    reason: "api-server-starting",
    tip: "While it starts it denies everything. If it lasts, ask its /readyz what is missing, and look at the Role.",
  });
}
