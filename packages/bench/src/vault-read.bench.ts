import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row, ratio } from "./bench.ts";
import { interleaveSamples } from "./measure/interleave.ts";
import { median } from "./measure/median.ts";
import { cpuSince, provenReader, type ReadCost, readCosts, type SecretReader } from "./measure/read-costs.ts";
import { tacitClient } from "./peers/vault-clients.ts";
import { axiosReader, nodeVaultReader, rawReader, tacitReader } from "./peers/vault-readers.ts";
import type { Application } from "./vault/application.ts";
import { openBenchVault } from "./vault/bench-vault.ts";

const own = "Tacit, fresh";
const axios = "axios, keep-alive";
const nodeVault = "node-vault";
const kept = "Tacit, kept, `await getSecret`";
const rounds = 11;
/** Each of those that read at once has names of its own: Tacit asks once for all who want the same. */
const names = Array.from({ length: 64 }, (_, index) => `service/${index}`);
const valueAt = (name: string): string => `s3cret-fixture-${name}`;
/** readers at once -> reads in a batch, of a few tens of milliseconds */
const batches: ReadonlyMap<number, number> = new Map([
  [1, 128],
  [16, 256],
]);
const keptReads = 100_000;

/** V1: reads that ask Vault each time, and what an application does instead. */
export const bench: Bench = {
  id: "vault-read",
  title: "Reads of Vault, KV version 2",
  repeats: 1,
  timeoutMs: 120_000,
  async run() {
    const absent: Absence[] = [];
    await using vault = await openBenchVault(absent);
    if (vault === undefined) return { rows: [], goals: {}, absent };
    const { url, administrator } = vault;
    const all = await administrator.createApplication("all");
    // Who may not read metadata reads the secret itself each time, as the others do.
    const data = await administrator.createApplication("data", "data");
    for (const application of [all, data]) {
      for (const name of names) await administrator.writeSecret(application, name, valueAt(name));
    }
    const readers = new Map<string, SecretReader>();
    for (const [contender, open] of contenders(all, data)) {
      const reader = await orAbsent(contender, absent, () => provenReader(open(url), names, valueAt));
      if (reader !== undefined) readers.set(contender, reader);
    }
    const costs = new Map<number, ReadonlyMap<string, ReadCost>>();
    for (const [atOnce, count] of batches)
      costs.set(atOnce, await readCosts(readers, { names, atOnce, count }, rounds));
    for (const reader of readers.values()) await reader.close?.();
    return report(costs, await keptCosts(url, all), absent);
  },
};

type Open = (url: string) => Promise<SecretReader>;

function contenders(all: Application, data: Application): ReadonlyMap<string, Open> {
  return new Map<string, Open>([
    ["node:http, keep-alive", (url) => rawReader(url, data)],
    [axios, (url) => axiosReader(url, data)],
    [nodeVault, (url) => nodeVaultReader(url, data)],
    [own, (url) => tacitReader(url, data)],
    ["Tacit, fresh, may read metadata", (url) => tacitReader(url, all)],
  ]);
}

/** What stays of a read when the value is kept and followed in the background: contender -> microseconds. */
async function keptCosts(url: string, application: Application): Promise<ReadonlyMap<string, number>> {
  await using secrets = await tacitClient(url, application, { declare: { db: { ref: `${names[0]}#value` } } });
  await secrets.ready();
  const loops = new Map<string, () => Promise<void>>([
    [
      kept,
      async () => {
        for (let index = 0; index < keptReads; index++) (await secrets.getSecret("db")).reveal();
      },
    ],
    [
      "Tacit, kept, `latest`",
      async () => {
        for (let index = 0; index < keptReads; index++) secrets.latest("db").reveal();
      },
    ],
  ]);
  const samples = await interleaveSamples(
    [...loops].map(([name, run]) => ({
      name,
      async sample() {
        const before = process.cpuUsage();
        await run();
        return cpuSince(before) / keptReads;
      },
    })),
    rounds,
  );
  return new Map([...samples].map(([name, own]) => [name, median(own)]));
}

function report(
  costs: ReadonlyMap<number, ReadonlyMap<string, ReadCost>>,
  kepts: ReadonlyMap<string, number>,
  absent: readonly Absence[],
): BenchReport {
  const of = (contender: string, atOnce: number, what: keyof ReadCost): number | undefined => {
    const samples = costs.get(atOnce)?.get(contender)?.[what];
    return samples === undefined ? undefined : median(samples);
  };
  const cpuRatio = (contender: string, other: string, atOnce: number): number | undefined =>
    ratio(of(contender, atOnce, "cpu"), of(other, atOnce, "cpu"));
  const asked = [...(costs.get(1)?.keys() ?? [])].map((contender): Row => {
    const columns = [...batches.keys()].map((atOnce) => ({
      [`${atOnce} at once: CPU us`]: of(contender, atOnce, "cpu") ?? null,
      [`${atOnce}: x axios`]: cpuRatio(contender, axios, atOnce) ?? null,
      [`${atOnce}: p50 ms`]: of(contender, atOnce, "waits") ?? null,
    }));
    return { group: "One read that asks Vault", contender, values: Object.assign({}, ...columns) };
  });
  const peer = of(nodeVault, 1, "cpu");
  const application = [
    ...(peer === undefined ? [] : [[`${nodeVault}, a read each time`, peer] as const]),
    ...kepts,
  ].map(
    ([contender, cpu]): Row => ({
      group: "One read of an application",
      contender,
      values: { "CPU us": cpu, "x less than node-vault": ratio(peer, cpu) ?? null },
    }),
  );
  const goals = measured({
    "V1.one": cpuRatio(own, axios, 1),
    "V1.sixteen": cpuRatio(own, axios, 16),
    "V1.peer": cpuRatio(own, nodeVault, 1),
    "V1.p50": ratio(of(own, 1, "waits"), of(nodeVault, 1, "waits")),
    "V1.kept": ratio(peer, kepts.get(kept)),
  });
  return { rows: [...asked, ...application], goals, absent };
}
