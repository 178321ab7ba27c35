import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Results } from "./results.ts";

/** One picture: the bars of one column of one table. */
interface Chart {
  readonly file: string;
  readonly title: string;
  readonly group: string;
  readonly column: string;
  readonly scale: "linear" | "log";
  /** Left out; default none. */
  readonly without?: RegExp;
}

const folder = fileURLToPath(new URL("../../../../docs/charts", import.meta.url));

const charts: readonly Chart[] = [
  {
    file: "cached-read.svg",
    title: "Cached read, times Map.get (log)",
    group: "Cached read",
    column: "x Map.get",
    scale: "log",
  },
  {
    file: "heap-per-read.svg",
    title: "Heap per cached read, bytes",
    group: "Heap per cached read",
    column: "B/op",
    scale: "linear",
  },
  {
    file: "concurrent-first-reads.svg",
    title: "Store calls for 1,000 concurrent first reads of one secret",
    group: "Store calls for 1,000 concurrent first reads",
    column: "one secret",
    scale: "linear",
  },
  {
    file: "memory-per-secret.svg",
    title: "Heap per held secret, bytes",
    group: "Bytes per held secret, 100,000 held",
    column: "heap B",
    scale: "linear",
  },
  {
    file: "import.svg",
    title: "Import, milliseconds over bare node (log)",
    group: "Import cost",
    column: "ms over bare",
    scale: "log",
    without: /^bare node$/,
  },
  {
    file: "first-secret.svg",
    title: "Process start to first secret, CPU ms",
    group: "Process start to first secret",
    column: "CPU ms",
    scale: "linear",
  },
  {
    file: "rotation-to-listener.svg",
    title: "Rename of ..data to listener, p50 in ms (log)",
    group: "Rotation to listener",
    column: "p50 ms",
    scale: "log",
  },
  {
    file: "torn-pairs.svg",
    title: "Torn pairs in 10,000 rotations",
    group: "Pairs in 10,000 rotations",
    column: "torn",
    scale: "linear",
  },
  {
    file: "swap-of-1000-keys.svg",
    title: "One swap of 1,000 keys until all are told, ms (log)",
    group: "1 volume, 1,000 keys",
    column: "swap ms",
    scale: "log",
  },
  {
    file: "fleet.svg",
    title: "1,000 clients, ttl 300 s: busiest second against the mean (log)",
    group: "Refresh of a 300 s ttl, 1,000 clients",
    column: "peak / mean",
    scale: "log",
  },
  {
    file: "outage.svg",
    title: "Requests per second after an outage, peak (log)",
    group: "Outage of 120 s, 1,000 clients",
    column: "peak/s after",
    scale: "log",
  },
  {
    file: "redaction-of-a-line.svg",
    title: "Redaction of a clean request line of 300 bytes, ns added (log)",
    group: "One request line of 300 bytes, ns added",
    column: "clean",
    scale: "log",
    without: /issuer|kinds/,
  },
  {
    file: "redaction-in-pino.svg",
    title: "pino into /dev/null with redaction of request lines, % of plain pino",
    group: "pino into /dev/null, % of plain pino",
    column: "request line",
    scale: "linear",
  },
];

/** Draws every chart whose bench has run. */
export async function drawCharts(results: Results): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const chart of charts) {
    const bars = barsOf(chart, results);
    if (bars.length === 0) continue;
    const { spec } = compile(specOf(chart, bars));
    const svg = await new View(parse(spec), { renderer: "none" }).toSVG();
    writeFileSync(join(folder, chart.file), `${svg}\n`);
  }
}

interface Bar {
  readonly contender: string;
  readonly value: number;
  readonly ours: boolean;
}

function barsOf({ group, column, scale, without }: Chart, results: Results): readonly Bar[] {
  const rows = Object.values(results.benches)
    .flatMap((bench) => bench.rows)
    .filter((row) => row.group === group);
  return rows.flatMap(({ contender, values }) => {
    const value = values[column];
    if (value === null || value === undefined || without?.test(contender) === true) return [];
    if (scale === "log" && value <= 0) return [];
    return [{ contender, value, ours: /tacit/i.test(contender) }];
  });
}

function specOf({ title, column, scale }: Chart, bars: readonly Bar[]): TopLevelSpec {
  const y = { field: "contender", type: "nominal", sort: null, title: null, axis: { labelLimit: 320 } } as const;
  const value = { field: "value", type: "quantitative", title: column } as const;
  // A bar on a logarithmic scale has no natural start: a dot says as much and claims less.
  const x = { ...value, scale: { type: scale } } as const;
  return {
    title: { text: title, anchor: "start" },
    background: "white",
    config: { font: "sans-serif" },
    padding: 12,
    width: 460,
    height: { step: 20 },
    data: { values: [...bars] },
    encoding: { y, x },
    layer: [
      {
        mark: scale === "log" ? { type: "point", filled: true, size: 90 } : { type: "bar" },
        encoding: {
          color: {
            field: "ours",
            type: "nominal",
            legend: null,
            scale: { domain: [false, true], range: ["#9aa5b1", "#0b7285"] },
          },
        },
      },
      {
        mark: { type: "text", align: "left", dx: 8 },
        encoding: { text: { field: "value", type: "quantitative", format: ",.3~r" } },
      },
    ],
  };
}
