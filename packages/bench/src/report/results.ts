import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Absence, BenchReport, Row } from "../bench.ts";
import { type GoalKey, goals } from "../goals.ts";
import { median } from "../measure/median.ts";

/** What is kept of one bench. */
export interface BenchResult {
  readonly title: string;
  /** How many runs the medians are of. */
  readonly runs: number;
  readonly rows: readonly Row[];
  readonly goals: BenchReport["goals"];
  readonly absent: readonly Absence[];
}

/** The file that tables and charts are drawn from. */
export interface Results {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  /** bench -> its result; in the order in which they run */
  readonly benches: Readonly<Record<string, BenchResult>>;
}

/** Where the results are kept. */
const resultsFile: string = fileURLToPath(new URL("../../results/latest.json", import.meta.url));

/** Reads the last results; undefined before the first run. */
export function readResults(): Results | undefined {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8")) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Keeps the results; figures are rounded to four digits, beyond which nothing repeats. */
export function writeResults(results: Results): void {
  mkdirSync(dirname(resultsFile), { recursive: true });
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value;
  writeFileSync(resultsFile, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** The median of several runs, figure by figure; of counts of wrong results the worst. */
export function mergeRuns(title: string, runs: readonly BenchReport[]): BenchResult {
  const first = runs[0];
  if (first === undefined) return { title, runs: 0, rows: [], goals: {}, absent: [] };
  return {
    title,
    runs: runs.length,
    rows: first.rows.map((row) => mergeRow(row, runs)),
    goals: mergeGoals(runs),
    absent: uniqueAbsences(runs),
  };
}

function mergeRow(row: Row, runs: readonly BenchReport[]): Row {
  const same = runs.map((run) =>
    run.rows.find(({ group, contender }) => group === row.group && contender === row.contender),
  );
  const values = Object.keys(row.values).map((column) => [
    column,
    medianOrNull(same.map((one) => one?.values[column] ?? null)),
  ]);
  return { ...row, values: Object.fromEntries(values) };
}

function medianOrNull(samples: readonly (number | null)[]): number | null {
  const middle = median(samples.map((sample) => sample ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(middle) ? middle : null;
}

function mergeGoals(runs: readonly BenchReport[]): BenchResult["goals"] {
  const merged: Partial<Record<GoalKey, number | null>> = {};
  for (const [key, goal] of goals) {
    const figures = runs.map((run) => run.goals[key]).filter((figure) => figure !== undefined);
    if (figures.length === 0) continue;
    merged[key] = goal.worst === true ? worst(figures) : medianOrNull(figures);
  }
  return merged;
}

function worst(figures: readonly (number | null)[]): number | null {
  return figures.includes(null) ? null : Math.max(...figures.map(Number));
}

function uniqueAbsences(runs: readonly BenchReport[]): readonly Absence[] {
  const byContender = new Map(runs.flatMap(({ absent }) => absent).map((absence) => [absence.contender, absence]));
  return [...byContender.values()];
}
