import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";
import { generate } from "selfsigned";
import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row, ratio } from "./bench.ts";
import { type Cloud, clouds } from "./cloud/clouds.ts";
import { type DoubleCertificate, type StoreDouble, startStoreDouble } from "./cloud/store-double.ts";
import { interleaveSamples } from "./measure/interleave.ts";
import { median } from "./measure/median.ts";
import { cpuSince, provenReader, type ReadCost, readCosts, type SecretReader } from "./measure/read-costs.ts";
import { type CloudPeer, type TacitCloud, tacitCloudReader, tacitFirstLoad } from "./peers/cloud-readers.ts";

const own = "Tacit";
const names = Array.from({ length: 64 }, (_, index) => `service-${index}`);
const hundred = Array.from({ length: 100 }, (_, index) => `load-${index}`);
const valueAt = (name: string): string => `s3cret-fixture-${name}`;
/** readers at once -> reads in a batch */
const batches: ReadonlyMap<number, number> = new Map([
  [1, 128],
  [16, 256],
]);
const loads = 7;

/** What was measured of one cloud. */
interface CloudResult {
  readonly cloud: Cloud;
  /** readers at once -> contender -> cost */
  readonly costs: ReadonlyMap<number, ReadonlyMap<string, ReadCost>>;
  /** contender -> what 100 secrets take */
  readonly hundreds: ReadonlyMap<string, HundredCost>;
}

interface HundredCost {
  readonly calls: number;
  readonly cpuMs: number;
}

/** C1, C2: reads that ask a store of a cloud each time, and the first load of many, beside the official clients. */
export const bench: Bench = {
  id: "cloud-read",
  title: "Reads of the clouds",
  repeats: 1,
  timeoutMs: 600_000,
  async run() {
    const absent: Absence[] = [];
    const folder = mkdtempSync(join(tmpdir(), "tacit-bench-"));
    const results: CloudResult[] = [];
    try {
      const secure = await trustedCertificate(folder);
      for (const cloud of clouds) {
        const result = await orAbsent(cloud.title, absent, () => resultOf(cloud, secure));
        if (result !== undefined) results.push(result);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    return report(results, absent);
  },
};

/** Clients of Azure speak TLS alone. */
async function trustedCertificate(folder: string): Promise<DoubleCertificate> {
  const { cert, private: privateKey } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  tls.setDefaultCACertificates([...tls.getCACertificates(), cert]);
  const place = { certificate: join(folder, "server.crt"), key: join(folder, "server.key") };
  writeFileSync(place.certificate, cert);
  writeFileSync(place.key, privateKey, { mode: 0o600 });
  return place;
}

async function resultOf(cloud: Cloud, secure: DoubleCertificate): Promise<CloudResult> {
  await using double = await startStoreDouble(cloud.double, cloud.isSecure && secure);
  for (const name of [...names, ...hundred]) await cloud.put(double, name, valueAt(name));
  const tacit = { adapter: cloud.adapter, options: await cloud.prepare(double) };
  const peer = await cloud.openPeer(double);
  const readers = new Map<string, SecretReader>([
    [own, await provenReader(tacitCloudReader(tacit), names, valueAt)],
    [cloud.peer, await provenReader(Promise.resolve(peer), names, valueAt)],
  ]);
  const costs = new Map<number, ReadonlyMap<string, ReadCost>>();
  for (const [atOnce, count] of batches) costs.set(atOnce, await readCosts(readers, { names, atOnce, count }));
  const hundreds = await hundredsOf(cloud, tacit, peer, double);
  for (const reader of readers.values()) await reader.close?.();
  return { cloud, costs, hundreds };
}

/** What the first 100 secrets of an application take. */
async function hundredsOf(
  cloud: Cloud,
  tacit: TacitCloud,
  peer: CloudPeer,
  double: StoreDouble,
): Promise<ReadonlyMap<string, HundredCost>> {
  const { readMany } = peer;
  const ways = new Map<string, () => Promise<readonly string[]>>([
    [own, () => tacitFirstLoad(tacit, hundred)],
    [cloud.peer, () => Promise.all(hundred.map((name) => peer.read(name)))],
    ...(readMany === undefined ? [] : [[`${cloud.peer}, in lists`, () => inLists(readMany, cloud)] as const]),
  ]);
  const calls = new Map<string, number>();
  const samples = await interleaveSamples(
    [...ways].map(([name, run]) => ({
      name,
      async sample() {
        const asked = (await double.requests()).filter((request) => cloud.isRead(request)).length;
        const before = process.cpuUsage();
        const values = await run();
        const cpu = cpuSince(before);
        if (values.length !== hundred.length) throw new Error("a value is missing");
        calls.set(name, (await double.requests()).filter((request) => cloud.isRead(request)).length - asked);
        return cpu / 1000;
      },
    })),
    loads,
  );
  return new Map(
    [...samples].map(([name, cpu]) => [name, { calls: calls.get(name) ?? Number.NaN, cpuMs: median(cpu) }] as const),
  );
}

async function inLists(readMany: NonNullable<CloudPeer["readMany"]>, { adapter }: Cloud): Promise<readonly string[]> {
  const size = adapter === "aws-secrets-manager" ? 20 : 10;
  const lists = Array.from({ length: hundred.length / size }, (_, at) => hundred.slice(at * size, (at + 1) * size));
  return (await Promise.all(lists.map((list) => readMany(list)))).flat();
}

function report(results: readonly CloudResult[], absent: readonly Absence[]): BenchReport {
  const goals = results.flatMap(({ cloud, costs, hundreds }) => [
    [`C1.${cloud.adapter}.one`, cpuRatio(costs, cloud, 1)],
    [`C1.${cloud.adapter}.sixteen`, cpuRatio(costs, cloud, 16)],
    ...(cloud.adapter.startsWith("aws-") ? [[`C2.${cloud.adapter}`, hundreds.get(own)?.calls]] : []),
  ]);
  return {
    rows: [...results.flatMap(readRows), ...results.flatMap(hundredRows)],
    goals: measured(Object.fromEntries(goals)),
    absent,
  };
}

function cpuRatio(costs: CloudResult["costs"], { peer }: Cloud, atOnce: number): number | undefined {
  return ratio(cpuOf(costs, own, atOnce), cpuOf(costs, peer, atOnce));
}

function cpuOf(costs: CloudResult["costs"], contender: string, atOnce: number): number | undefined {
  const samples = costs.get(atOnce)?.get(contender)?.cpu;
  return samples === undefined ? undefined : median(samples);
}

function readRows({ cloud, costs }: CloudResult): readonly Row[] {
  return [own, cloud.peer].map((contender): Row => {
    const columns = [...batches.keys()].map((atOnce) => ({
      [`${atOnce} at once: CPU us`]: cpuOf(costs, contender, atOnce) ?? null,
      [`${atOnce}: x official`]: ratio(cpuOf(costs, contender, atOnce), cpuOf(costs, cloud.peer, atOnce)) ?? null,
      [`${atOnce}: p50 ms`]: median(costs.get(atOnce)?.get(contender)?.waits ?? []),
    }));
    return {
      group: "One read that asks a cloud",
      contender: `${cloud.title}: ${contender}`,
      values: Object.assign({}, ...columns),
    };
  });
}

function hundredRows({ cloud, hundreds }: CloudResult): readonly Row[] {
  return [...hundreds].map(([contender, { calls, cpuMs }]): Row => {
    return {
      group: "The first 100 secrets",
      contender: `${cloud.title}: ${contender}`,
      values: { calls, "CPU ms": cpuMs },
    };
  });
}
