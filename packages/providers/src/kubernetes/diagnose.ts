import { existsSync } from "node:fs";
import { join } from "node:path";
import { type CallContext, type Finding, isSecretError, type ProviderHost } from "@tacit/core/provider";
import {
  clockFindings,
  collectFindings,
  type FindingsPart,
  failureFinding,
  unusedAccountToken,
  unverifiedFindings,
} from "../shared/findings.ts";
import { type AccessAnswer, type AskedAccess, askAccess, type KubernetesApi } from "./api.ts";
import { type Access, ruleFor, sentence } from "./errors.ts";
import type { AccountFiles, ProcessContext, ServiceAccountFiles } from "./in-cluster.ts";
import { record } from "./object-meta.ts";
import type { KubernetesOptions } from "./options.ts";
import type { RecentSecrets } from "./recent-secrets.ts";
import type { Watches } from "./watch/watches.ts";

/** The parts of a provider that `diagnose` examines. */
export interface DiagnoseContext {
  readonly connection: KubernetesApi;
  readonly options: KubernetesOptions;
  readonly host: ProviderHost;
  readonly processContext: ProcessContext;
  readonly files: ServiceAccountFiles;
  readonly recent: RecentSecrets;
  readonly watches: Pick<Watches, "isUnwatched">;
}

/**
 * Returns the findings for an operator: missing and needless rights, problems of the login and of the clocks, and values in
 * annotations.
 * @throws {SecretError} errors of a request
 */
export async function diagnose(it: DiagnoseContext, context: CallContext): Promise<readonly Finding[]> {
  const { connection, options } = it;
  const ask = (access: AskedAccess): Promise<AccessAnswer> => askAccess(connection, access, context);
  const namespace = (): Promise<string> => connection.namespace(context);
  const parts: readonly FindingsPart[] = [
    // These findings need no API server, and may explain why it does not answer.
    () => unverifiedFindings(options.tls, "the API server", unverifiedTip),
    () => accountFindings(it),
    async () => {
      const { serverTime } = await ask({ verb: "get", resource: "secrets", namespace: await namespace() });
      return clockFindings(it.host, serverTime, clockWords);
    },
    () => missingRights(it, ask),
    async () => needlessRights(options, await namespace(), ask),
    () => labelFindings(it),
    () => annotationFindings(it.recent),
  ];
  return collectFindings(parts, "api-server", context);
}

const clockWords = { store: "the API server", consequence: "tokens seem expired, or valid for too long," };

/** Returns the findings about the service account and the route to the API server that need no request. */
function accountFindings({ connection, files, host, processContext }: DiagnoseContext): readonly Finding[] {
  if (connection.access.kind !== "in-cluster") {
    return unusedAccountToken(() => existsSync(join(processContext.accountDirectory, "token")));
  }
  try {
    const account = files.read();
    return [...tokenFindings(account, host.clock.now()), ...fileFindings(account), ...proxyFindings(processContext)];
  } catch (error) {
    if (!isSecretError(error)) throw error;
    return [failureFinding("service-account", error)];
  }
}

/** Returns the findings about the token's claims, which only the API server verifies. */
function tokenFindings({ token }: AccountFiles, now: number): readonly Finding[] {
  const { exp, iat } = claimsOf(token);
  if (exp === undefined) {
    return [
      {
        level: "warning",
        code: "token-without-end",
        message: "the service account's token never expires",
        tip: "Mount a projected token in place of the Secret of type kubernetes.io/service-account-token.",
      },
    ];
  }
  if (exp <= now) {
    return [
      {
        level: "error",
        code: "token-expired",
        message: `the service account's token expired ${Math.round((now - exp) / 1000)} s ago`,
        tip: "The kubelet renews it in the mount: check whether the mount is a copy or a subPath, which is never renewed.",
      },
    ];
  }
  // The kubelet renews a token after 80 % of its lifetime, or after 24 h.
  const isOld = iat !== undefined && now - iat > Math.min(0.9 * (exp - iat), 25 * 3_600_000);
  if (!isOld) return [];
  return [
    {
      level: "warning",
      code: "token-not-renewed",
      message: `the service account's token is ${Math.round((now - iat) / 60_000)} min old and should have been renewed`,
      tip: "Check whether the mount is a copy or a subPath, which is never renewed.",
    },
  ];
}

function fileFindings({ ca, namespace }: AccountFiles): readonly Finding[] {
  const found: Finding[] = [];
  if (ca === undefined || !/-----BEGIN CERTIFICATE-----/.test(ca)) {
    found.push({
      level: "error",
      code: "ca-missing",
      message: "the service account's files contain no certificate authority",
      tip: "Check for ca.crt beside the token; a projected volume of your own needs the ConfigMap kube-root-ca.crt among its sources.",
    });
  }
  if (namespace === undefined || namespace === "") {
    found.push({
      level: "info",
      code: "namespace-missing",
      message: "the service account's files contain no namespace",
      tip: "Set the option `namespace`, or project metadata.namespace beside the token.",
    });
  }
  return found;
}

function proxyFindings({ environment }: ProcessContext): readonly Finding[] {
  const names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
  if (!names.some((name) => (environment[name] ?? "") !== "")) return [];
  return [
    {
      level: "info",
      code: "proxy-ignored",
      message: "a proxy is set in the environment; the API server is reached without it",
      tip: "Nothing needs to change for this client. Other programs in this pod need the API server's address in NO_PROXY.",
    },
  ];
}

/** Returns the claims of a token, in milliseconds since the epoch; undefined if it has none. */
function claimsOf(token: string): { readonly exp: number | undefined; readonly iat: number | undefined } {
  const ms = (claim: unknown): number | undefined => (typeof claim === "number" ? claim * 1000 : undefined);
  try {
    const claims = record(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()));
    return { exp: ms(claims?.exp), iat: ms(claims?.iat) };
  } catch {
    return { exp: undefined, iat: undefined };
  }
}

/** @see https://github.com/bitnami-labs/sealed-secrets */
const sealingNamespace = "kube-system";

type NeedlessRight = readonly [code: string, what: string, access: AskedAccess];
type Ask = (access: AskedAccess) => Promise<AccessAnswer>;

async function missingRights({ recent, options }: DiagnoseContext, ask: Ask): Promise<readonly Finding[]> {
  const locations = recent.locations.slice(0, mostPlaces);
  const namespaces = [...new Set(locations.map(({ namespace }) => namespace))];
  const resource = "secrets";
  // A watch with a label selector covers the whole namespace.
  const needed: readonly Access[] =
    options.labelSelector === undefined
      ? locations.flatMap((location) => [
          { verb: "get", resource, ...location },
          { verb: "watch", resource, ...location },
        ])
      : [
          ...locations.map((location) => ({ verb: "get", resource, ...location }) as const),
          ...namespaces.flatMap((namespace): readonly Access[] => [
            { verb: "list", resource, namespace },
            { verb: "watch", resource, namespace },
          ]),
        ];
  const found: Finding[] = [];
  for (const access of needed) {
    if ((await ask(access)).allowed !== false) continue;
    found.push({
      // Without the other rights, changes are found by polling.
      level: access.verb === "get" ? "error" : "warning",
      code: `right-missing-${access.verb}`,
      message: `this identity may not ${sentence(access)}`,
      tip: `Bind a Role in that namespace with this rule: ${ruleFor(access)}`,
    });
  }
  return found;
}

/** Returns a finding for each right that this provider does not need, but that a thief of the token could use. */
async function needlessRights(
  { labelSelector }: KubernetesOptions,
  namespace: string,
  ask: Ask,
): Promise<readonly Finding[]> {
  const resource = "secrets";
  const questions: readonly NeedlessRight[] = [
    ["right-all-namespaces", "read the Secrets of every namespace", { verb: "get", resource }],
    ["right-every-verb", "do everything with the Secrets of its namespace", { verb: "*", resource, namespace }],
    ["right-list", "list, and so read, all Secrets of its namespace", { verb: "list", resource, namespace }],
    [
      "right-sealing-keys",
      `read the Secrets of "${sealingNamespace}", where the controller of Sealed Secrets usually keeps its keys`,
      { verb: "get", resource, namespace: sealingNamespace },
    ],
  ];
  const found: Finding[] = [];
  for (const [code, what, access] of questions) {
    // A watch with a label selector needs `list`; a finding about every namespace includes this one.
    const isNeeded = code === "right-list" && labelSelector !== undefined;
    const isSaid = code === "right-sealing-keys" && found[0]?.code === "right-all-namespaces";
    if (isNeeded || isSaid || (await ask(access)).allowed !== true) continue;
    const tip =
      'Narrow the Role to the verbs "get" and "watch" and to resourceNames; see docs/providers/kubernetes.md.';
    found.push({ level: "warning", code, message: `this identity may ${what}`, tip });
  }
  return found;
}

function labelFindings({ recent, watches }: DiagnoseContext): readonly Finding[] {
  return recent.locations
    .filter((location) => watches.isUnwatched(location))
    .map(({ namespace, name }) => ({
      level: "warning",
      code: "label-missing",
      message: `the Secret "${name}" in "${namespace}" does not match \`labelSelector\`, so the watch does not report its changes`,
      tip: "Give it the labels, or a separate provider: until then, only polling detects its changes.",
    }));
}

function annotationFindings(recent: RecentSecrets): readonly Finding[] {
  return recent.locations
    .filter((location) => recent.holdsLastApplied(location))
    .map(({ namespace, name }) => ({
      level: "warning",
      code: "last-applied",
      message: `the Secret "${name}" in "${namespace}" contains its values a second time, in an annotation of kubectl apply`,
      tip: "Write it with kubectl apply --server-side, and remove the annotation kubectl.kubernetes.io/last-applied-configuration.",
    }));
}

/** Health reports it, too. */
export const unverifiedTip: string =
  'Remove "tls": { "verify": false }, and configure the certificate authority of the cluster.';

/** The maximum number of Secrets to ask about: each needs two questions, and one attempt of the client takes at most 10 s. */
const mostPlaces = 50;
