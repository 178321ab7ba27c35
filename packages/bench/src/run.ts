import { availableParallelism } from "node:os";
import type { Bench, BenchReport } from "./bench.ts";
import { benches } from "./benches.ts";
import { runChild } from "./measure/child.ts";
import { drawCharts } from "./report/charts.ts";
import { updateDocument } from "./report/performance-document.ts";
import { type BenchResult, mergeRuns, type Results, readResults, writeResults } from "./report/results.ts";
import { contenderTables, standings } from "./report/tables.ts";

/** Runs the benches named on the command line, or all; the others keep their last results. */
async function main(): Promise<void> {
  const wanted = chosen(process.argv.slice(2));
  if (wanted === undefined) return;
  const fresh = new Map<string, BenchResult>();
  for (const [id, load] of wanted) {
    const { bench } = await load();
    const begin = performance.now();
    print(`${bench.title} ...`);
    const result = await measure(bench);
    fresh.set(id, result);
    print(contenderTables({ ...about(), benches: { [id]: result } }));
    print(`${((performance.now() - begin) / 1_000).toFixed(0)} s\n`);
  }
  const results = merged(fresh);
  writeResults(results);
  const kept = readResults() ?? results;
  await drawCharts(kept);
  updateDocument(kept);
  report(kept);
}

type Wanted = typeof benches;

function chosen(ids: readonly string[]): Wanted | undefined {
  const unknown = ids.filter((id) => !benches.has(id));
  if (unknown.length > 0) {
    print(`no bench ${unknown.join(", ")}; there are ${[...benches.keys()].join(", ")}`);
    process.exitCode = 1;
    return undefined;
  }
  return ids.length === 0 ? benches : new Map([...benches].filter(([id]) => ids.includes(id)));
}

/** Runs one bench as often as it asks, each time in a process of its own; a run that fails is told, and not counted. */
async function measure(bench: Bench): Promise<BenchResult> {
  const runs: BenchReport[] = [];
  for (let run = 0; run < bench.repeats; run++) {
    try {
      const script = new URL("./child/bench-run.ts", import.meta.url);
      runs.push(
        await runChild<BenchReport>(script, { flags: bench.flags ?? [], args: [bench.id], timeoutMs: bench.timeoutMs }),
      );
    } catch (error) {
      print(`${bench.id} failed: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
  return mergeRuns(bench.title, runs);
}

function merged(fresh: ReadonlyMap<string, BenchResult>): Results {
  const last = readResults()?.benches ?? {};
  const all = [...benches.keys()].flatMap((id) => {
    const result = fresh.get(id) ?? last[id];
    return result === undefined ? [] : [[id, result] as const];
  });
  return { ...about(), benches: Object.fromEntries(all) };
}

function about(): Omit<Results, "benches"> {
  return { node: process.version, platform: process.platform, cores: availableParallelism() };
}

function report(results: Results): void {
  for (const { key, goal, figure, verdict } of standings(results)) {
    const limit = goal.min === undefined ? `<= ${goal.max}` : `>= ${goal.min}`;
    print(
      `${verdict.padEnd(12)} ${key.padEnd(14)} ${String(figure?.toPrecision(3) ?? "-").padStart(8)} ${limit} ${goal.unit}: ${goal.text}`,
    );
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
