import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row } from "./bench.ts";
import { createVolume, filesOf, pairKeys, temporaryRoot } from "./double/atomic-volume.ts";
import { startWriter, type Writer } from "./double/writer.ts";
import { percentile } from "./measure/median.ts";
import { eventWatchers, pollingWatchers, type SwapWatcher } from "./peers/swap-watchers.ts";

const key = "password";
const raw = "fs.watch(dir), read sync";
const own = "Tacit watch";
/** chokidar drops, for good, a change within 50 ms of the last one; the pause lets it show its delay instead. */
const pauseMs = 60;

/** What one watcher saw of the rotations. */
interface Seen {
  readonly delays: number[];
  missed: number;
  events: number;
  rotations: number;
}

/** P7: from the rename of `..data` to a listener that has the new value. */
export const bench: Bench = {
  id: "swap",
  title: "Rotation to listener",
  repeats: 1,
  timeoutMs: 150_000,
  async run() {
    const absent: Absence[] = [];
    const seen = new Map<string, Seen>();
    await using writer = startWriter();
    for (let round = 0; round < 5; round++) {
      const order = [...eventWatchers]
        .map((_, index, all) => all[(index + round) % all.length])
        .filter((one) => one !== undefined);
      for (const [name, watcher] of order) {
        if (!absent.some(({ contender }) => contender === name))
          await session(name, watcher, writer, seen, absent, 30, 100);
      }
    }
    for (const [name, watcher] of pollingWatchers) await session(name, watcher, writer, seen, absent, 10, 1_500);
    const rows = [...seen].map(([name, one]) => rowOf(name, one));
    return { rows, goals: goalsOf(seen), absent };
  },
};

/** Rotates while one watcher watches; a rotation counts as missed when its value has not come after `patienceMs`. */
async function session(
  name: string,
  start: SwapWatcher,
  writer: Writer,
  seen: Map<string, Seen>,
  absent: Absence[],
  rotations: number,
  patienceMs: number,
): Promise<void> {
  const root = temporaryRoot();
  const directory = join(root, "db");
  createVolume(directory, filesOf(pairKeys, 0));
  const arrivals = new Map<string, number>();
  let events = 0;
  const stop = await orAbsent(name, absent, () =>
    start(directory, key, (value, at) => {
      events++;
      if (!arrivals.has(value)) arrivals.set(value, at);
    }),
  );
  if (stop === undefined) return;
  const found = seen.get(name) ?? { delays: [], missed: 0, events: 0, rotations: 0 };
  seen.set(name, found);
  for (let generation = 1; generation <= rotations; generation++) {
    const renamedAt = await writer.order({ kind: "swap", directories: [directory], generation, keys: pairKeys });
    const arrived = await arrival(arrivals, `${key}-${generation}`, patienceMs);
    if (arrived === undefined) found.missed++;
    else found.delays.push(arrived - renamedAt);
    await sleep(patienceMs > 1_000 ? Math.random() * 300 : pauseMs);
  }
  found.events += events;
  found.rotations += rotations;
  await stop();
  rmSync(root, { recursive: true, force: true });
}

async function arrival(
  arrivals: ReadonlyMap<string, number>,
  value: string,
  patienceMs: number,
): Promise<number | undefined> {
  const until = performance.now() + patienceMs;
  while (!arrivals.has(value) && performance.now() < until) await sleep(1);
  return arrivals.get(value);
}

function rowOf(contender: string, { delays, missed, events, rotations }: Seen): Row {
  return {
    group: "Rotation to listener",
    contender,
    values: {
      "p50 ms": percentile(delays, 0.5),
      "p90 ms": percentile(delays, 0.9),
      "p99 ms": percentile(delays, 0.99),
      "missed %": (100 * missed) / rotations,
      "calls per rotation": events / rotations,
    },
  };
}

function goalsOf(seen: ReadonlyMap<string, Seen>): BenchReport["goals"] {
  const tacit = seen.get(own);
  if (tacit === undefined) return {};
  const p50 = percentile(tacit.delays, 0.5);
  return measured({
    "P7.p50": p50 / percentile(seen.get(raw)?.delays ?? [], 0.5),
    "P7.p99": percentile(tacit.delays, 0.99),
    "P7.poll": p50 / percentile(seen.get("read again each 1 s")?.delays ?? [], 0.5),
    "P7.missed": tacit.missed,
    "P7.events": Math.max(0, tacit.events - tacit.rotations),
  });
}
