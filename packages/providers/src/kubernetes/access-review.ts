import type { CallContext } from "@tacit/core/provider";
import type { ApiConnection } from "./api-connection.ts";
import type { Access } from "./api-status.ts";
import { record } from "./object-meta.ts";

/** What may be asked about: also every verb, and all namespaces. */
export type AskedAccess = Omit<Access, "verb" | "namespace"> & {
  readonly verb: Access["verb"] | "*";
  /** Absent for all of them. */
  readonly namespace?: string | undefined;
};

/** What the API server answers, and by which clock. */
export interface AccessAnswer {
  /** Undefined where the question itself is not allowed. */
  readonly allowed: boolean | undefined;
  /** The server's wall time, to the second. */
  readonly serverTime: number | undefined;
}

/**
 * Asks the API server whether this identity may do something; every authenticated one may ask. Nothing is stored there.
 * @throws {SecretError} what a request throws
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
export async function askAccess(
  connection: ApiConnection,
  { verb, resource, namespace, name }: AskedAccess,
  context: CallContext,
): Promise<AccessAnswer> {
  const [base, subresource] = resource.split("/");
  const answer = await connection.request(
    {
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      json: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { group: "", verb, resource: base, subresource, namespace, name } },
      },
      accept: [403],
      replayable: true,
    },
    context,
  );
  const date = Date.parse(answer.header("date") ?? "");
  const allowed = answer.status === 403 ? undefined : record(record(answer.json())?.status)?.allowed === true;
  return { allowed, serverTime: Number.isNaN(date) ? undefined : date };
}
