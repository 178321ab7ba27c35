import { type CallContext, type Finding, isSecretError, type ProviderHost } from "@tacit/core/provider";
import { clockFindings, collectFindings, unusedAccountToken } from "../shared/findings.ts";
import type { RecentPaths } from "../shared/recent-paths.ts";
import { readsServiceAccount } from "../shared/service-account.ts";
import type { VaultApi } from "../shared/vault/api.ts";
import type { Environment } from "../shared/vault/environment.ts";
import type { Session } from "../shared/vault/login/session.ts";
import { tlsFindings } from "../shared/vault/tls.ts";
import type { MountedPath } from "./engine/mounts.ts";
import type { VaultOptions } from "./options.ts";

/** The parts that `diagnose` checks. */
export interface DiagnoseContext {
  readonly api: VaultApi;
  readonly session: Session;
  readonly options: VaultOptions;
  readonly host: ProviderHost;
  readonly environment: Environment;
  readonly recentPaths: RecentPaths<MountedPath>;
  /** Whether this process has its own token. */
  readonly hasLogin: boolean;
}

/**
 * Returns findings for an operator: about the node, the clocks, the token, and missing or excessive permissions.
 * @throws {SecretError} CLOSED; the signal's reason
 */
export async function diagnose(subject: DiagnoseContext, context: CallContext): Promise<readonly Finding[]> {
  const { options, environment, session, recentPaths, hasLogin } = subject;
  return collectFindings(
    [
      () => tlsFindings(options.tls, environment),
      () => (readsServiceAccount(options.auth) ? [] : unusedAccountToken()),
      () => serverFindings(subject, context),
      ...(hasLogin ? [() => tokenFindings(session, context)] : []),
      () => policyFindings(session, { paths: policyPaths(recentPaths), mount: options.mount }, context),
    ],
    "vault",
    context,
  );
}

/** Returns the paths that a policy must contain for the secrets that were read, as far as they are known. */
function policyPaths({ values }: RecentPaths<MountedPath>): readonly string[] {
  return values.map(({ engine, path }) => engine.policyPath?.(path)).filter((path) => path !== undefined);
}

async function serverFindings({ api, host }: DiagnoseContext, context: CallContext): Promise<readonly Finding[]> {
  const request = { path: "sys/health", root: true, accept: [429, 473] };
  const answer = await api.call(request, context);
  const isStandby = answer.status !== 200 || answer.body.standby === true || answer.body.performance_standby === true;
  return [...clockFindings(host, answer.serverTime, clockWords), ...(isStandby ? [standby] : [])];
}

const clockWords = {
  store: "Vault",
  consequence: "logins with signed requests or JWTs fail, and secrets seem to expire,",
};

const standby: Finding = {
  level: "info",
  code: "standby",
  message: "the address leads to a standby, which forwards or redirects requests to the active node",
  tip: "This works; the address of the active node saves a hop.",
};

/** Returns the findings about the token in use. @throws {SecretError} errors of `Session.call` */
async function tokenFindings(session: Session, context: CallContext): Promise<readonly Finding[]> {
  const token = await dataUnlessDenied(session, { path: "auth/token/lookup-self" }, context);
  if (token === undefined) return [cannotLookUp];
  const policies = Array.isArray(token.policies) ? token.policies : [];
  if (policies.includes("root")) return [rootToken];
  const [ttl, created, period] = [token.ttl, token.creation_ttl, token.period].map((each) =>
    typeof each === "number" ? each : 0,
  ) as [number, number, number];
  if (ttl === 0) return [endless];
  if (token.renewable === true || period > 0 || ttl > Math.max(created / 10, nearSeconds)) return [];
  // A login replaces the token in time; an existing token must be replaced by its owner.
  return [ending(ttl)];
}

/** Returns the data of a response; undefined if the policies deny the request, which the policy `default` allows. */
async function dataUnlessDenied(
  session: Session,
  request: Parameters<Session["call"]>[0],
  context: CallContext,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const { data } = await session.call(request, context);
    return (data ?? {}) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (isSecretError(error, "PERMISSION_DENIED")) return undefined;
    throw error;
  }
}

const nearSeconds = 300;

const cannotLookUp: Finding = {
  level: "warning",
  code: "token-cannot-look-up",
  message: "the token may not look itself up, so an expired token cannot be distinguished from a missing permission",
  tip: 'Give its role the policy "default", or "read" on auth/token/lookup-self.',
};

const rootToken: Finding = {
  level: "error",
  code: "token-root",
  message: "this process uses a root token, which may do everything and does not expire",
  tip: "Revoke it, and log in with a role whose policies list the secrets of this application.",
};

const endless: Finding = {
  level: "warning",
  code: "token-endless",
  message: "the token never expires, so a stolen one stays valid forever",
  tip: "Give its role a period or a maximum TTL.",
};

function ending(seconds: number): Finding {
  return {
    level: "warning",
    code: "token-ending",
    message: `the token expires in ${Math.round(seconds)} s and can no longer be renewed`,
    tip: "If it was created outside this process, replace it; a login method gets a new one itself.",
  };
}

/** The paths whose permissions are checked. */
interface PolicyQuestion {
  /** The paths that this process reads, in the form of policies. */
  readonly paths: readonly string[];
  /** The main mount. */
  readonly mount: string;
}

/**
 * Returns findings about missing and excessive permissions of the token, with one request that changes nothing.
 * @throws {SecretError} errors of `Session.call`
 */
async function policyFindings(
  session: Session,
  { paths, mount }: PolicyQuestion,
  context: CallContext,
): Promise<readonly Finding[]> {
  const probes = [foreignPath, ...siblings(mount)];
  const request = { method: "POST", path: "sys/capabilities-self", json: { paths: [...paths, ...probes] } } as const;
  const data = await dataUnlessDenied(session, request, context);
  if (data === undefined) return [];
  const granted = new Map(Object.entries(data));
  const may = (path: string, ...wanted: readonly string[]): boolean => {
    const capabilities = granted.get(path);
    return Array.isArray(capabilities) && capabilities.some((each) => each === "root" || wanted.includes(each));
  };
  return [
    ...paths.filter((path) => !may(path, "read")).map(missing),
    ...paths.filter((path) => may(path, ...changes)).map(needless),
    ...(may(foreignPath, "read", "sudo", ...changes) ? [everything] : []),
    ...(siblings(mount).some((path) => may(path, "read")) ? [wholeMount(mount)] : []),
  ];
}

const changes = ["create", "update", "patch", "delete", "sudo"];
/** A path that an application never needs. Access to it shows too broad policies. */
const foreignPath = "sys/policies/acl/tacit-probe";

/** Returns paths of secrets that do not exist. A token that may read them may read the whole mount. */
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
    message: `the token's policies allow more than reading "${path}"`,
    tip: `Leave "read" alone: path "${path}" { capabilities = ["read"] }`,
  };
}

const everything: Finding = {
  level: "warning",
  code: "policy-everything",
  message: "the token's policies cover Vault's own configuration, as a rule for * does",
  tip: "List the paths of this application's secrets in its policies.",
};

function wholeMount(mount: string): Finding {
  return {
    level: "warning",
    code: "policy-whole-mount",
    message: `the token's policies allow it to read every secret of "${mount}"`,
    tip: "List the paths of this application's secrets in its policies.",
  };
}
