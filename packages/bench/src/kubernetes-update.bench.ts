import { setTimeout as sleep } from "node:timers/promises";
import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row, ratio } from "./bench.ts";
import { sharedNow } from "./double/writer.ts";
import { benchSelector } from "./kubernetes/administrator.ts";
import { type BenchCluster, openBenchCluster } from "./kubernetes/bench-cluster.ts";
import { secretValue } from "./kubernetes/secret-value.ts";
import { startWatcher, type WatcherProcess } from "./kubernetes/watcher-process.ts";
import { median, percentile } from "./measure/median.ts";
import { contenders } from "./peers/secret-watchers.ts";

const { raw, tacit, tacitLabel, informer } = contenders;
const name = "db";
const updates = 40;
const hurriedUpdates = 8;
/** Times four contenders: Tacit reads a Secret at most once a second. */
const spacingMs = 300;
/** Between the two updates of a hurried pair. */
const hurryMs = 100;
const patienceMs = 5_000;

/** One contender with a Secret of its own, so that none wakes up while another one is measured. */
interface Lane {
  readonly contender: string;
  readonly namespace: string;
  readonly watcher: WatcherProcess;
  sequence: number;
  /** Milliseconds from the request to write until the listener; of what was not told, infinite. */
  readonly spaced: number[];
  /** The same for an update that came right after another. */
  readonly hurried: number[];
}

/** K3: one Secret of a real API server updated, until its listener is told. */
export const bench: Bench = {
  id: "kubernetes-update",
  title: "Update of a Secret to listener",
  repeats: 1,
  timeoutMs: 180_000,
  async run() {
    const absent: Absence[] = [];
    await using cluster = await openBenchCluster(absent);
    if (cluster === undefined) return { rows: [], goals: {}, absent };
    await using stack = new AsyncDisposableStack();
    const lanes: Lane[] = [];
    for (const contender of [raw, tacit, tacitLabel, informer]) {
      const lane = await orAbsent(contender, absent, () => openLane(cluster, contender, `update-${lanes.length}`));
      if (lane === undefined) continue;
      stack.use(lane.watcher);
      lanes.push(lane);
    }
    for (let round = 0; round < updates; round++) await spacedRound(cluster, lanes);
    for (let round = 0; round < hurriedUpdates; round++) await hurriedRound(cluster, lanes);
    return report(lanes, absent);
  },
};

async function openLane(cluster: BenchCluster, contender: string, namespace: string): Promise<Lane> {
  const { pod } = await cluster.createPod(namespace, [name]);
  const settings = { contender, namespace, names: [name], labelSelector: benchSelector };
  const watcher = await startWatcher(pod, settings);
  return { contender, namespace, watcher, sequence: 0, spaced: [], hurried: [] };
}

async function spacedRound(cluster: BenchCluster, lanes: readonly Lane[]): Promise<void> {
  for (const lane of lanes) {
    const pause = sleep(spacingMs);
    lane.spaced.push(await latency(cluster, lane));
    await pause;
  }
}

async function hurriedRound(cluster: BenchCluster, lanes: readonly Lane[]): Promise<void> {
  for (const lane of lanes) {
    const pause = sleep(spacingMs + hurryMs);
    await latency(cluster, lane);
    await sleep(hurryMs);
    lane.hurried.push(await latency(cluster, lane));
    await pause;
  }
}

async function latency({ administrator }: BenchCluster, lane: Lane): Promise<number> {
  lane.sequence += 1;
  const askedAt = sharedNow();
  await administrator.updateSecret(lane.namespace, name, lane.sequence);
  const seenAt = await lane.watcher.seen(name, secretValue(lane.sequence), patienceMs);
  return seenAt === undefined ? Number.POSITIVE_INFINITY : seenAt - askedAt;
}

function report(lanes: readonly Lane[], absent: readonly Absence[]): BenchReport {
  const of = (contender: string): Lane | undefined => lanes.find((lane) => lane.contender === contender);
  const base = of(raw);
  const middle = (lane: Lane | undefined): number | undefined => (lane === undefined ? undefined : median(lane.spaced));
  const rows = lanes.map(
    (lane): Row => ({
      group: "Update to listener",
      contender: lane.contender,
      values: {
        "p50 ms": finite(median(lane.spaced)),
        "x node:https": finite(ratio(middle(lane), middle(base)) ?? Number.NaN),
        "p90 ms": finite(percentile(lane.spaced, 0.9)),
        "p99 ms": finite(percentile(lane.spaced, 0.99)),
        missed: missed(lane),
        "second of two within 0.1 s, p50 ms": finite(median(lane.hurried)),
      },
    }),
  );
  const own = of(tacit);
  const goals = measured({
    "K3.p50": ratio(middle(own), middle(base)),
    "K3.missed": own === undefined ? undefined : missed(own),
  });
  return { rows, goals, absent };
}

function missed({ spaced }: Lane): number {
  return spaced.filter((sample) => !Number.isFinite(sample)).length;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
