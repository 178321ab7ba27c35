import type { CallContext, Finding, ProviderHost } from "@tacit/core/provider";
import { clockFindings, collectFindings, type FindingsPart, unverifiedFindings } from "../shared/findings.ts";
import { type AccessAnswer, type AskedAccess, askAccess } from "./access-review.ts";
import { accountFindings } from "./account-findings.ts";
import type { ApiConnection } from "./api-connection.ts";
import { type Access, ruleFor, sentence } from "./api-status.ts";
import type { Asked } from "./asked.ts";
import type { KubernetesOptions } from "./options.ts";
import type { Surroundings } from "./provider.ts";
import type { ServiceAccountFiles } from "./service-account-files.ts";
import type { Watches } from "./watches.ts";

/** What is looked at. */
export interface Patient {
  readonly connection: ApiConnection;
  readonly options: KubernetesOptions;
  readonly host: ProviderHost;
  readonly surroundings: Surroundings;
  readonly files: ServiceAccountFiles;
  readonly asked: Asked;
  readonly watches: Pick<Watches, "isUnheard">;
}

/**
 * What an operator should know: rights that are missing or too many, the login, the clocks, and what stands in annotations.
 * @throws {SecretError} what a request throws
 */
export async function diagnose(patient: Patient, context: CallContext): Promise<readonly Finding[]> {
  const { connection, options } = patient;
  const ask = (access: AskedAccess): Promise<AccessAnswer> => askAccess(connection, access, context);
  const namespace = (): Promise<string> => connection.namespace(context);
  const parts: readonly FindingsPart[] = [
    // What is found without the API server may be why it does not answer.
    () => unverifiedFindings(options.tls, "the API server", unverifiedTip),
    () => accountFindings(patient),
    async () => {
      const { serverTime } = await ask({ verb: "get", resource: "secrets", namespace: await namespace() });
      return clockFindings(patient.host, serverTime, clockWords);
    },
    () => missingRights(patient, ask),
    async () => needlessRights(options, await namespace(), ask),
    () => labelFindings(patient),
    () => annotationFindings(patient.asked),
  ];
  return collectFindings(parts, "api-server", context);
}

const clockWords = { store: "the API server", consequence: "tokens seem expired, or live too long," };

/** @see https://github.com/bitnami-labs/sealed-secrets */
const sealingNamespace = "kube-system";

type NeedlessRight = readonly [code: string, what: string, access: AskedAccess];
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
    // A watch by labels needs it; and what is said of every namespace need not be said of one.
    const isNeeded = code === "right-list" && labelSelector !== undefined;
    const isSaid = code === "right-sealing-keys" && found[0]?.code === "right-all-namespaces";
    if (isNeeded || isSaid || (await ask(access)).allowed !== true) continue;
    const tip =
      'Narrow the Role to the verbs "get" and "watch" and to resourceNames; see docs/providers/kubernetes.md.';
    found.push({ level: "warning", code, message: `this identity may ${what}`, tip });
  }
  return found;
}

function labelFindings({ asked, watches }: Patient): readonly Finding[] {
  return asked.places
    .filter((place) => watches.isUnheard(place))
    .map(({ namespace, name }) => ({
      level: "warning",
      code: "label-missing",
      message: `the Secret "${name}" in "${namespace}" does not match \`labelSelector\`, so the watch passes over its changes`,
      tip: "Give it the labels, or a provider of its own: until then its changes are found by the poll alone.",
    }));
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

/** Health tells it, too. */
export const unverifiedTip: string =
  'Remove "tls": { "verify": false }, and give the cluster its certificate authority.';

/** Each is two questions; one attempt of the client is 10 s. */
const mostPlaces = 50;
