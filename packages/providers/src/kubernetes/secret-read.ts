import type { CallContext } from "@tacit/core/provider";
import type { ApiConnection } from "./api-connection.ts";
import { saysNotFound } from "./api-status.ts";
import { requestAllowed } from "./denial.ts";

/** One Secret. */
export interface SecretPlace {
  readonly namespace: string;
  readonly name: string;
}

/** 1 MiB of data is 1.4 MiB of base64; annotations may hold it once more, escaped. */
export const largestObjectBytes: number = 4 * 1024 * 1024;

/**
 * Gets a Secret as the API server sends it; undefined if there is none.
 * @throws {SecretError} PERMISSION_DENIED `access-rule`, UNAVAILABLE `api-server-starting`, and what a request throws
 */
export async function readSecret(
  connection: ApiConnection,
  { namespace, name }: SecretPlace,
  context: CallContext,
): Promise<unknown> {
  const answer = await requestAllowed(
    connection,
    {
      path: "/api/v1/namespaces/{namespace}/secrets/{name}",
      values: { namespace, name },
      accept: [403, 404],
      maxBytes: largestObjectBytes,
    },
    { verb: "get", resource: "secrets", namespace, name },
    context,
  );
  if (answer.status === 404 && saysNotFound(answer)) return undefined;
  if (answer.status === 404) throw answer.failure();
  return answer.json();
}
