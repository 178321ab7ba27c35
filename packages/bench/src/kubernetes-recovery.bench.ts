import { setTimeout as sleep } from "node:timers/promises";
import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row } from "./bench.ts";
import { sharedNow } from "./double/writer.ts";
import { benchSelector } from "./kubernetes/administrator.ts";
import { type BenchCluster, openBenchCluster } from "./kubernetes/bench-cluster.ts";
import { startFaultProxy } from "./kubernetes/fault-proxy.ts";
import { type Fault, localFaults, serverFaults } from "./kubernetes/faults.ts";
import { secretValue } from "./kubernetes/secret-value.ts";
import { startWatcher, type WatcherProcess } from "./kubernetes/watcher-process.ts";
import { median } from "./measure/median.ts";
import { contenders } from "./peers/secret-watchers.ts";

const { tacit, informer, informerAlone } = contenders;
/** contender -> how many of it suffer a fault, whose median counts: only Tacit draws its pauses at random */
const copies: ReadonlyMap<string, number> = new Map([
  [tacit, 3],
  [informer, 1],
  [informerAlone, 1],
]);
const name = "db";

/** contender -> seconds from the write after the fault until its listener; `null`: not in time */
type Recovery = Readonly<Record<string, number | null>>;

/**
 * K4: what is broken, mended, and then written, until a listener is told. All contenders of a fault suffer it together;
 * faults of one's own connection happen side by side, those of the server one after the other on a second one.
 */
export const bench: Bench = {
  id: "kubernetes-recovery",
  title: "Recovery of watches",
  repeats: 1,
  timeoutMs: 420_000,
  async run() {
    const absent: Absence[] = [];
    await using shared = await openBenchCluster(absent);
    await using faulty = shared === undefined ? undefined : await openBenchCluster(absent);
    if (shared === undefined || faulty === undefined) return { rows: [], goals: {}, absent };
    const local = Promise.all(
      localFaults.map((fault, index) => recover(shared, fault, `local-${index}`, true, absent)),
    );
    const ofServer: (Recovery | undefined)[] = [];
    for (const [index, fault] of serverFaults.entries()) {
      ofServer.push(await recover(faulty, fault, `server-${index}`, false, absent));
    }
    return report([...(await local), ...ofServer], absent);
  },
};

function recover(
  cluster: BenchCluster,
  fault: Fault,
  namespace: string,
  isProxied: boolean,
  absent: Absence[],
): Promise<Recovery | undefined> {
  return orAbsent(fault.title, absent, async () => {
    await using proxy = await startFaultProxy(cluster.plane);
    await using stack = new AsyncDisposableStack();
    const { pod, token } = await cluster.createPod(namespace, [name], isProxied ? proxy.url : cluster.plane.url);
    const settings = { namespace, names: [name], labelSelector: benchSelector };
    const watching = [...copies].flatMap(([contender, count]) => new Array<string>(count).fill(contender));
    const watchers = await Promise.all(
      watching.map(async (contender): Promise<Watching> => {
        return { contender, watcher: stack.use(await startWatcher(pod, { ...settings, contender })) };
      }),
    );
    const before = await change({ cluster, namespace, sequence: 1, patienceMs: 10_000 }, watchers);
    if (Object.values(before).includes(null)) throw new Error("a watch did not work before the fault");
    await fault.happen({ cluster, namespace, name, pod, proxy, token });
    return await change({ cluster, namespace, sequence: 2, patienceMs: fault.patienceMs }, watchers);
  });
}

interface Watching {
  readonly contender: string;
  readonly watcher: WatcherProcess;
}

interface Change {
  readonly cluster: BenchCluster;
  readonly namespace: string;
  readonly sequence: number;
  readonly patienceMs: number;
}

/** Writes once, and waits for everybody. */
async function change(
  { cluster, namespace, sequence, patienceMs }: Change,
  watchers: readonly Watching[],
): Promise<Recovery> {
  const askedAt = await written(cluster, namespace, sequence);
  const told = watchers.map(async ({ contender, watcher }) => {
    const seenAt = (await watcher.seen(name, secretValue(sequence), patienceMs)) ?? Number.POSITIVE_INFINITY;
    return { contender, seconds: Math.max(0, seenAt - askedAt) / 1_000 };
  });
  const waits = Map.groupBy(await Promise.all(told), ({ contender }) => contender);
  const middles = [...waits].map(([contender, own]) => [contender, median(own.map(({ seconds }) => seconds))] as const);
  return Object.fromEntries(middles.map(([contender, wait]) => [contender, Number.isFinite(wait) ? wait : null]));
}

/** The writer's own kept connections may be dead as well; it tries until it has written. */
async function written({ administrator }: BenchCluster, namespace: string, sequence: number): Promise<number> {
  for (const deadline = performance.now() + 10_000; ; ) {
    const askedAt = sharedNow();
    try {
      await administrator.updateSecret(namespace, name, sequence);
      return askedAt;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

function report(recoveries: readonly (Recovery | undefined)[], absent: readonly Absence[]): BenchReport {
  const rows: Row[] = [];
  let missed = 0;
  for (const [index, { title, patienceMs }] of [...localFaults, ...serverFaults].entries()) {
    const recovery = recoveries[index];
    if (recovery === undefined) continue;
    if (recovery[tacit] === null) missed += 1;
    rows.push({
      group: "Seconds from the next change to the listener, after ...",
      contender: title,
      values: recovery,
      unended: `not within ${patienceMs / 1_000}`,
    });
  }
  return { rows, goals: measured({ "K4.missed": missed }), absent };
}
