import { type Absence, type Bench, measured, type Row, ratio } from "./bench.ts";
import {
  type FirstSecret,
  firstSecretEnvironment,
  firstSecrets,
  proof,
  tacitScript,
  usualScript,
} from "./first-secret/first-secrets.ts";
import { openLoopbackStore, type StorePlace } from "./first-secret/loopback-store.ts";
import { bareNode, type ProcessCost, processCosts } from "./measure/import-cost.ts";

/** P26: what a process pays for its first secret, which is what a function on a cloud pays at each cold start. */
export const bench: Bench = {
  id: "first-secret",
  title: "Process start to first secret",
  repeats: 1,
  timeoutMs: 600_000,
  async run() {
    await using store = await openLoopbackStore();
    const { costs, absent } = await processCosts(scriptsFor(store));
    return { rows: rowsOf(costs), goals: goalsOf(costs), absent: absent as readonly Absence[] };
  },
};

function scriptsFor(place: StorePlace): ReadonlyMap<string, string> {
  const complete = (script: string): string => firstSecretEnvironment + script + proof;
  return new Map(
    firstSecrets.flatMap((each): [string, string][] => [
      [nameOf(each), complete(tacitScript(each, place))],
      [each.peer, complete(usualScript(each, place))],
    ]),
  );
}

function nameOf({ adapter }: FirstSecret): string {
  return `Tacit, ${adapter}`;
}

function rowsOf(costs: ReadonlyMap<string, ProcessCost>): readonly Row[] {
  const peers = new Map(firstSecrets.map((each) => [nameOf(each), each.peer]));
  return [...costs].map(([contender, cost]) => {
    const peer = costs.get(peers.get(contender) ?? "");
    return {
      group: "Process start to first secret",
      contender,
      values: {
        "CPU ms": cost.cpuMs,
        "CPU x bare": cost.cpuMs / (costs.get(bareNode)?.cpuMs ?? Number.NaN),
        "MB RSS": cost.rss / 2 ** 20,
        "MB over bare": (cost.rss - (costs.get(bareNode)?.rss ?? Number.NaN)) / 2 ** 20,
        ...(peer !== undefined && {
          "CPU x usual client": cost.cpuMs / peer.cpuMs,
          "MB x usual client": cost.rss / peer.rss,
        }),
      },
    };
  });
}

function goalsOf(costs: ReadonlyMap<string, ProcessCost>): ReturnType<typeof measured> {
  const bare = costs.get(bareNode);
  const cpu = (name: string, other: string): number | undefined =>
    ratio(costs.get(name)?.cpuMs, costs.get(other)?.cpuMs);
  const rss = (name: string, other: string): number | undefined => ratio(costs.get(name)?.rss, costs.get(other)?.rss);
  const over = (name: string): number | undefined => {
    const cost = costs.get(name);
    return cost === undefined || bare === undefined ? undefined : (cost.rss - bare.rss) / 2 ** 20;
  };
  return measured({
    "P26.env": cpu("Tacit, env", bareNode),
    "P26.env.rss": over("Tacit, env"),
    "P26.file": cpu("Tacit, file", bareNode),
    "P26.file.rss": over("Tacit, file"),
    "P26.kubernetes": cpu("Tacit, kubernetes", "@kubernetes/client-node"),
    "P26.kubernetes.rss": rss("Tacit, kubernetes", "@kubernetes/client-node"),
    "P26.vault": cpu("Tacit, vault", "node-vault"),
    "P26.vault.rss": rss("Tacit, vault", "node-vault"),
    "P26.aws-secrets-manager": cpu("Tacit, aws-secrets-manager", "@aws-sdk/client-secrets-manager"),
    "P26.aws-secrets-manager.rss": ratio(over("Tacit, aws-secrets-manager"), over("@aws-sdk/client-secrets-manager")),
    "P26.aws-parameter-store": cpu("Tacit, aws-parameter-store", "@aws-sdk/client-ssm"),
    "P26.aws-parameter-store.rss": ratio(over("Tacit, aws-parameter-store"), over("@aws-sdk/client-ssm")),
    "P26.gcp-secret-manager": cpu("Tacit, gcp-secret-manager", "@google-cloud/secret-manager"),
    "P26.gcp-secret-manager.rss": ratio(over("Tacit, gcp-secret-manager"), over("@google-cloud/secret-manager")),
    "P26.azure-key-vault": cpu("Tacit, azure-key-vault", "@azure/keyvault-secrets"),
    "P26.azure-key-vault.rss": ratio(over("Tacit, azure-key-vault"), over("@azure/keyvault-secrets")),
    "P26.alibaba-kms": cpu("Tacit, alibaba-kms", "@alicloud/openapi-client"),
    "P26.alibaba-kms.rss": ratio(over("Tacit, alibaba-kms"), over("@alicloud/openapi-client")),
  });
}
