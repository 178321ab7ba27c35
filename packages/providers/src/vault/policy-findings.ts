import { type CallContext, type Finding, isSecretError } from "@tacit/core/provider";
import type { Session } from "./session.ts";

/** What is asked about. */
export interface PolicyQuestion {
  /** Paths that this process reads, as policies name them. */
  readonly paths: readonly string[];
  /** The main mount. */
  readonly mount: string;
}

/**
 * What the token's policies allow too little or too much of. Vault is asked once, by a request that changes nothing.
 * @throws {SecretError} what a call throws
 */
export async function policyFindings(
  session: Session,
  { paths, mount }: PolicyQuestion,
  context: CallContext,
): Promise<readonly Finding[]> {
  const probes = [foreignPath, ...siblings(mount)];
  const request = { method: "POST", path: "sys/capabilities-self", json: { paths: [...paths, ...probes] } } as const;
  const granted = await capabilities(session, request, context);
  if (granted === undefined) return [];
  const may = (path: string, ...wanted: readonly string[]): boolean =>
    (granted.get(path) ?? []).some((each) => each === "root" || wanted.includes(String(each)));
  return [
    ...paths.filter((path) => !may(path, "read")).map(missing),
    ...paths.filter((path) => may(path, ...changes)).map(needless),
    ...(may(foreignPath, "read", "sudo", ...changes) ? [everything] : []),
    ...(siblings(mount).some((path) => may(path, "read")) ? [wholeMount(mount)] : []),
  ];
}

/** Undefined where the token may not even ask, which the policy `default` allows. */
async function capabilities(
  session: Session,
  request: Parameters<Session["call"]>[0],
  context: CallContext,
): Promise<ReadonlyMap<string, readonly unknown[]> | undefined> {
  try {
    const { data } = await session.call(request, context);
    return new Map(Object.entries(data ?? {}).map(([path, list]) => [path, Array.isArray(list) ? list : []]));
  } catch (error) {
    if (isSecretError(error, "PERMISSION_DENIED")) return undefined;
    throw error;
  }
}

const changes = ["create", "update", "patch", "delete", "sudo"];
/** An application that reads secrets has nothing to do with policies. */
const foreignPath = "sys/policies/acl/tacit-probe";

/** Secrets that nobody has: who may read them may read the whole mount. */
function siblings(mount: string): readonly string[] {
  return [`${mount}/data/tacit-probe-7f3a/x`, `${mount}/tacit-probe-7f3a/x`];
}

function missing(path: string): Finding {
  return {
    level: "error",
    code: "policy-missing",
    message: `the token's policies do not allow it to read "${path}"`,
    tip: `Grant it: path "${path}" { capabilities = ["read"] }`,
  };
}

function needless(path: string): Finding {
  return {
    level: "warning",
    code: "policy-needless",
    message: `the token's policies allow more than to read "${path}"`,
    tip: `Leave "read" alone: path "${path}" { capabilities = ["read"] }`,
  };
}

const everything: Finding = {
  level: "warning",
  code: "policy-everything",
  message: "the token's policies reach into Vault's own configuration, as a rule for * does",
  tip: "Name the paths of this application's secrets in its policies.",
};

function wholeMount(mount: string): Finding {
  return {
    level: "warning",
    code: "policy-whole-mount",
    message: `the token's policies allow it to read every secret of "${mount}"`,
    tip: "Name the paths of this application's secrets in its policies.",
  };
}
