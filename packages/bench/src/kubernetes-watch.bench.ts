import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row, ratio } from "./bench.ts";
import type { StartFigures } from "./child/secret-watcher.ts";
import { benchSelector } from "./kubernetes/administrator.ts";
import { openBenchCluster } from "./kubernetes/bench-cluster.ts";
import type { Pod } from "./kubernetes/pod.ts";
import { startWatcher } from "./kubernetes/watcher-process.ts";
import { interleaveSamples, type Sampled } from "./measure/interleave.ts";
import { median } from "./measure/median.ts";
import { contenders } from "./peers/secret-watchers.ts";

const namespace = "many";
const names = Array.from({ length: 200 }, (_, index) => `secret-${String(index).padStart(3, "0")}`);
/** Each start takes seconds, of which little is left to chance. */
const rounds = 3;

const { bare, raw, tacit, tacitLabel, informer, informerLabel } = contenders;

/** K2: 200 Secrets of a real API server watched, each contender in a pod of its own. */
export const bench: Bench = {
  id: "kubernetes-watch",
  title: "200 Secrets watched",
  repeats: 1,
  timeoutMs: 180_000,
  async run() {
    const absent: Absence[] = [];
    await using cluster = await openBenchCluster(absent);
    if (cluster === undefined) return { rows: [], goals: {}, absent };
    const figures = await startsOf((await cluster.createPod(namespace, names)).pod, absent);
    return report(figures, absent);
  },
};

type Figures = ReadonlyMap<string, StartFigures>;

async function startsOf(pod: Pod, absent: Absence[]): Promise<Figures> {
  const starts = new Map<string, StartFigures[]>();
  const sampled: Sampled[] = [];
  for (const contender of [bare, raw, tacit, informer, tacitLabel, informerLabel]) {
    const own: StartFigures[] = [];
    const sample = async (): Promise<number> => {
      const figures = await start(pod, contender);
      own.push(figures);
      return figures.wallMs;
    };
    if ((await orAbsent(contender, absent, () => start(pod, contender))) === undefined) continue;
    starts.set(contender, own);
    sampled.push({ name: contender, sample });
  }
  await interleaveSamples(sampled, rounds);
  return new Map([...starts].map(([contender, own]) => [contender, middle(own)]));
}

async function start(pod: Pod, contender: string): Promise<StartFigures> {
  const watched = contender === bare ? [] : names;
  await using watcher = await startWatcher(pod, { contender, namespace, names: watched, labelSelector: benchSelector });
  return watcher.figures;
}

function middle(own: readonly StartFigures[]): StartFigures {
  const of = (column: keyof StartFigures): number => median(own.map((figures) => figures[column]));
  return { wallMs: of("wallMs"), cpuMs: of("cpuMs"), rssMb: of("rssMb"), connections: of("connections") };
}

function report(figures: Figures, absent: readonly Absence[]): BenchReport {
  const base = figures.get(bare);
  const overBare = (contender: string, column: "rssMb" | "cpuMs"): number | undefined => {
    const own = figures.get(contender)?.[column];
    return own === undefined || base === undefined ? undefined : own - base[column];
  };
  const rows = [...figures].map(
    ([contender, { wallMs, cpuMs, rssMb, connections }]): Row => ({
      group: "200 Secrets watched",
      contender,
      values: {
        connections,
        "MB RSS": rssMb,
        "MB over bare": overBare(contender, "rssMb") ?? null,
        "CPU ms to start": cpuMs,
        "ms until all stand": wallMs,
      },
    }),
  );
  const goals = measured({
    "K2.connections": figures.get(tacit)?.connections,
    "K2.rss": ratio(overBare(tacit, "rssMb"), overBare(informer, "rssMb")),
    "K2.rss.label": ratio(overBare(tacitLabel, "rssMb"), overBare(informerLabel, "rssMb")),
    "K2.cpu": ratio(overBare(tacit, "cpuMs"), overBare(informer, "cpuMs")),
  });
  return { rows, goals, absent };
}
