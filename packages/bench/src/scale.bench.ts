import { type Absence, type Bench, type BenchReport, measured, orAbsent, type Row, ratio } from "./bench.ts";
import type { ScaleFigures } from "./child/scale.ts";
import { runChild } from "./measure/child.ts";
import { scaleWatchers } from "./peers/scale-watchers.ts";

/** How many keys in how many volumes, and how long the process is then left alone to see what it does by itself. */
const layouts = [
  { group: "1 volume, 100 keys", volumes: 1, keys: 100, idleMs: 0 },
  { group: "1 volume, 1,000 keys", volumes: 1, keys: 1_000, idleMs: 0 },
  { group: "1,000 volumes, 1 key each", volumes: 1_000, keys: 1, idleMs: 12_000 },
] as const;
const raw = "fs.watch(dir)";
const own = "Tacit watch";

type Figures = ReadonlyMap<string, ScaleFigures>;

/** P9, P10 and P11: many watched keys; every contender in a process of its own, the writer in another. */
export const bench: Bench = {
  id: "scale",
  title: "Many watched secrets",
  repeats: 1,
  timeoutMs: 240_000,
  async run() {
    const absent: Absence[] = [];
    const rows: Row[] = [];
    const found: Figures[] = [];
    for (const layout of layouts) {
      const figures = new Map<string, ScaleFigures>();
      for (const name of scaleWatchers.keys()) {
        const one = await orAbsent(`${name} (${layout.group})`, absent, () => observe(name, layout));
        if (one !== undefined) figures.set(name, one);
      }
      for (const [contender, one] of figures) rows.push(rowOf(layout.group, contender, one, figures.get(raw)));
      found.push(figures);
    }
    return { rows, goals: goalsOf(found), absent };
  },
};

function observe(name: string, layout: (typeof layouts)[number]): Promise<ScaleFigures> {
  const args = [name, String(layout.volumes), String(layout.keys), String(layout.idleMs)];
  return runChild<ScaleFigures>(new URL("./child/scale.ts", import.meta.url), {
    args,
    flags: ["--expose-gc"],
    timeoutMs: 60_000,
  });
}

function rowOf(group: string, contender: string, one: ScaleFigures, base: ScaleFigures | undefined): Row {
  return {
    group,
    contender,
    values: {
      "setup ms": one.setupMs,
      "MB RSS": one.rssMb,
      "inotify watches": one.watches,
      "swap ms": one.deliveredMs,
      "x raw": base?.deliveredMs == null || one.deliveredMs === null ? null : one.deliveredMs / base.deliveredMs,
      "CPU ms per swap": one.cpuMs,
      ...(one.idlePercent === null ? {} : { "idle CPU %": one.idlePercent }),
    },
  };
}

function goalsOf([hundred, thousand, volumes]: readonly Figures[]): BenchReport["goals"] {
  const tacit = thousand?.get(own);
  const base = thousand?.get(raw);
  const spread = volumes?.get(own);
  return measured({
    "P9.watches": tacit?.watches,
    "P9.delivered": ratio(finished(tacit), finished(base)),
    "P9.cpu": ratio(tacit?.cpuMs, base?.cpuMs),
    "P9.unchanged": tacit?.unchanged,
    P10: ratio(finished(tacit), finished(hundred?.get(own))),
    "P11.watches": spread?.watches,
    "P11.setup": ratio(spread?.setupMs, volumes?.get(raw)?.setupMs),
    "P11.rss": spread?.rssMb,
    "P11.idle": spread?.idlePercent,
  });
}

/** A swap that never came to an end took for ever. */
function finished(figures: ScaleFigures | undefined): number | undefined {
  return figures === undefined ? undefined : (figures.deliveredMs ?? Number.POSITIVE_INFINITY);
}
