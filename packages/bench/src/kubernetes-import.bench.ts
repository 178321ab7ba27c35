import { type Bench, measured, ratio } from "./bench.ts";
import { importCosts } from "./measure/import-cost.ts";

const own = "@tacit/core + kubernetes";
const used = "@tacit/core + kubernetes + what a first read loads";
const peer = "@kubernetes/client-node";

/** contender -> the script that a process of its own runs */
const scripts: ReadonlyMap<string, string> = new Map([
  [own, `import "@tacit/core"; import "@tacit/providers/kubernetes";`],
  [used, firstReadScript()],
  ["axios", `import "axios";`],
  [peer, `import "@kubernetes/client-node";`],
]);

/** K1: what the adapter costs a process that starts, beside the official client, which it does not load in a cluster. */
export const bench: Bench = {
  id: "kubernetes-import",
  title: "Import of the Kubernetes adapter",
  repeats: 1,
  timeoutMs: 150_000,
  async run() {
    const { rows, absent } = await importCosts("Import of the Kubernetes adapter", scripts);
    const of = (contender: string, column: string): number | undefined =>
      rows.find((row) => row.contender === contender)?.values[column] ?? undefined;
    const times = (column: string): number | undefined => ratio(of(peer, column), of(own, column));
    const goals = measured({ "K1.ms": times("ms over bare"), "K1.rss": times("MB RSS over bare") });
    return { rows, goals, absent };
  },
};

/** Without an API server: the client is opened over another adapter, and what this one loads at its first read is imported. */
function firstReadScript(): string {
  return `
    import { createSecrets, declareSecrets } from "@tacit/core";
    import { kubernetes } from "@tacit/providers/kubernetes";
    import { env } from "@tacit/providers/env";
    import "axios";
    await kubernetes.options();
    process.env.DB = "s3cret-fixture";
    const secrets = createSecrets({ adapters: { env: async () => env }, declare: declareSecrets({ db: { ref: "db" } }), config: {
      providers: { env: { use: "env" } }, routes: [{ match: "**", to: ["env"] }] } });
    await secrets.ready();
    if (secrets.latest("db").reveal() !== "s3cret-fixture") throw new Error("wrong value");
    await secrets.close();`;
}
