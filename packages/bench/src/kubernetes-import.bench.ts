import { type Bench, measured, ratio } from "./bench.ts";
import { firstSecretEnvironment, firstSecrets, proof, tacitScript } from "./first-secret/first-secrets.ts";
import { openLoopbackStore, type StorePlace } from "./first-secret/loopback-store.ts";
import { importCosts } from "./measure/import-cost.ts";

const own = "@tacit/core + kubernetes";
const used = "@tacit/core + kubernetes, a first read";
const peer = "@kubernetes/client-node";

/** K1: what the adapter costs a process that starts, beside the official client, which it does not load in a cluster. */
export const bench: Bench = {
  id: "kubernetes-import",
  title: "Import of the Kubernetes adapter",
  repeats: 1,
  timeoutMs: 150_000,
  async run() {
    await using store = await openLoopbackStore();
    const { rows, absent } = await importCosts("Import of the Kubernetes adapter", scriptsFor(store));
    const of = (contender: string, column: string): number | undefined =>
      rows.find((row) => row.contender === contender)?.values[column] ?? undefined;
    const times = (column: string): number | undefined => ratio(of(peer, column), of(own, column));
    const goals = measured({ "K1.ms": times("ms over bare"), "K1.rss": times("MB RSS over bare") });
    return { rows, goals, absent };
  },
};

/** contender -> the script that a process of its own runs */
function scriptsFor(place: StorePlace): ReadonlyMap<string, string> {
  const reads = firstSecrets.filter(({ adapter }) => adapter === "kubernetes");
  return new Map([
    [own, `import "@tacit/core"; import "@tacit/providers/kubernetes";`],
    ...reads.map((each) => [used, firstSecretEnvironment + tacitScript(each, place) + proof] as const),
    ["axios", `import "axios";`],
    [peer, `import "@kubernetes/client-node";`],
  ]);
}
