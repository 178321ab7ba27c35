import { type CallContext, type Finding, isSecretError, type ProviderHost } from "@tacit/core/provider";
import { type AccessAnswer, type AskedAccess, askAccess } from "./access-review.ts";
import { accountFindings } from "./account-findings.ts";
import type { ApiConnection } from "./api-connection.ts";
import { type Access, ruleFor, sentence } from "./api-status.ts";
import type { Asked } from "./asked.ts";
import type { KubernetesOptions } from "./options.ts";
import type { Surroundings } from "./provider.ts";
import type { ServiceAccountFiles } from "./service-account-files.ts";

/** What is looked at. */
export interface Patient {
  readonly connection: ApiConnection;
  readonly options: KubernetesOptions;
  readonly host: ProviderHost;
  readonly surroundings: Surroundings;
  readonly files: ServiceAccountFiles;
  readonly asked: Asked;
}

/**
 * What an operator should know: rights that are missing or too many, the login, the clocks, and what stands in annotations.
 * @throws {SecretError} what a request throws
 */
export async function diagnose(patient: Patient, context: CallContext): Promise<readonly Finding[]> {
  const { connection, options } = patient;
  const local = [...tlsFindings(options), ...accountFindings(patient)];
  try {
    const namespace = await connection.namespace(context);
    const ask = (access: AskedAccess): Promise<AccessAnswer> => askAccess(connection, access, context);
    const { serverTime } = await ask({ verb: "get", resource: "secrets", namespace });
    return [
      ...local,
      ...clockFindings(patient, serverTime),
      ...(await missingRights(patient, ask)),
      ...(await needlessRights(options, namespace, ask)),
      ...annotationFindings(patient.asked),
    ];
  } catch (error) {
    if (!isSecretError(error) || error.code === "CLOSED") throw error;
    // What was found without the API server may be why it does not answer.
    return [...local, { level: "error", code: "api-server", message: error.message, tip: error.tip }];
  }
}

type Ask = (access: AskedAccess) => Promise<AccessAnswer>;

async function missingRights({ asked, options }: Patient, ask: Ask): Promise<readonly Finding[]> {
  const places = asked.places.slice(0, mostPlaces);
  const namespaces = [...new Set(places.map(({ namespace }) => namespace))];
  const resource = "secrets";
  // A watch by labels is one of the whole namespace.
  const needed: readonly Access[] =
    options.labelSelector === undefined
      ? places.flatMap((place) => [
          { verb: "get", resource, ...place },
          { verb: "watch", resource, ...place },
        ])
      : [
          ...places.map((place) => ({ verb: "get", resource, ...place }) as const),
          ...namespaces.flatMap((namespace): readonly Access[] => [
            { verb: "list", resource, namespace },
            { verb: "watch", resource, namespace },
          ]),
        ];
  const found: Finding[] = [];
  for (const access of needed) {
    if ((await ask(access)).allowed !== false) continue;
    found.push({
      // A read about once a minute takes the place of the others.
      level: access.verb === "get" ? "error" : "warning",
      code: `right-missing-${access.verb}`,
      message: `this identity may not ${sentence(access)}`,
      tip: `Bind a Role in that namespace with this rule: ${ruleFor(access)}`,
    });
  }
  return found;
}

/** A right that nobody uses is one that a thief of the token may use. */
async function needlessRights(
  { labelSelector }: KubernetesOptions,
  namespace: string,
  ask: Ask,
): Promise<readonly Finding[]> {
  const questions: readonly (readonly [code: string, what: string, access: AskedAccess])[] = [
    ["right-all-namespaces", "read the Secrets of every namespace", { verb: "get", resource: "secrets" }],
    [
      "right-every-verb",
      "do everything with the Secrets of its namespace",
      { verb: "*", resource: "secrets", namespace },
    ],
    ...(labelSelector === undefined
      ? ([
          [
            "right-list",
            "list, and so read, all Secrets of its namespace",
            { verb: "list", resource: "secrets", namespace },
          ],
        ] as const)
      : []),
  ];
  const found: Finding[] = [];
  for (const [code, what, access] of questions) {
    if ((await ask(access)).allowed !== true) continue;
    const tip =
      'Narrow the Role to the verbs "get" and "watch" and to resourceNames; see docs/providers/kubernetes.md.';
    found.push({ level: "warning", code, message: `this identity may ${what}`, tip });
  }
  return found;
}

function clockFindings({ host }: Patient, serverTime: number | undefined): readonly Finding[] {
  const skewMs = serverTime === undefined ? 0 : host.clock.now() - serverTime;
  if (Math.abs(skewMs) <= toleratedSkewMs) return [];
  const direction = skewMs > 0 ? "ahead of" : "behind";
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return [
    {
      level: "warning",
      code: "clock-skew",
      message: `the clock of this machine is ${seconds} s ${direction} that of the API server`,
      tip: "Let a time service set it: tokens seem expired, or live too long, by a wrong clock.",
    },
  ];
}

function annotationFindings(asked: Asked): readonly Finding[] {
  return asked.places
    .filter((place) => asked.holdsLastApplied(place))
    .map(({ namespace, name }) => ({
      level: "warning",
      code: "last-applied",
      message: `the Secret "${name}" in "${namespace}" holds its values a second time, in an annotation of kubectl apply`,
      tip: "Write it with kubectl apply --server-side, and remove the annotation kubectl.kubernetes.io/last-applied-configuration.",
    }));
}

function tlsFindings({ tls }: KubernetesOptions): readonly Finding[] {
  if (tls.verify) return [];
  return [
    {
      level: "error",
      code: "tls-unverified",
      message: "whoever answers is taken for the API server",
      tip: unverifiedTip,
    },
  ];
}

/** Health tells it, too. */
export const unverifiedTip: string =
  'Remove "tls": { "verify": false }, and give the cluster its certificate authority.';

/** Each is two questions; one attempt of the client is 10 s. */
const mostPlaces = 50;
const toleratedSkewMs = 5000;
