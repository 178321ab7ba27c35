import type { GoalKey } from "./goals.ts";

/** One contender's figures in one table. */
export interface Row {
  /** The table that it belongs to. */
  readonly group: string;
  readonly contender: string;
  /** column -> figure; the unit is part of the column's name. `null`: it never came to an end. */
  readonly values: Readonly<Record<string, number | null>>;
  /** What its `null`s are shown as; default `never`. */
  readonly unended?: string;
}

/** A contender that could not run, and why. */
export interface Absence {
  readonly contender: string;
  readonly reason: string;
}

/** What one run of a bench found. */
export interface BenchReport {
  readonly rows: readonly Row[];
  /** goal -> figure; `null`: what it measures never came to an end. A goal that is missing here was not measured. */
  readonly goals: Readonly<Partial<Record<GoalKey, number | null>>>;
  readonly absent: readonly Absence[];
}

/** One bench: a process of its own, repeated, whose medians count. */
export interface Bench {
  /** The name of its file, without `.bench.ts`. */
  readonly id: string;
  readonly title: string;
  readonly flags?: readonly string[];
  /** How often the whole bench runs; the median of the runs counts. */
  readonly repeats: number;
  /** One run is killed after it. */
  readonly timeoutMs: number;
  run(): Promise<BenchReport>;
}

/** Runs a preparation; a failure becomes an absence instead of ending the bench. */
export async function orAbsent<T>(
  contender: string,
  absent: Absence[],
  prepare: () => Promise<T> | T,
): Promise<T | undefined> {
  try {
    return await prepare();
  } catch (error) {
    absent.push({ contender, reason: reasonOf(error) });
    return undefined;
  }
}

/** A quotient, or undefined where one side was not measured. */
export function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined ? undefined : part / whole;
}

/** Leaves out what was not measured; what took for ever becomes `null`. */
export function measured(goals: Readonly<Partial<Record<GoalKey, number | null | undefined>>>): BenchReport["goals"] {
  const figures = Object.entries(goals).filter(([, figure]) => figure !== undefined);
  return Object.fromEntries(figures.map(([key, figure]) => [key, Number.isFinite(figure) ? figure : null]));
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split("\n")[0] ?? "").replaceAll(/(file:\/\/|\/)\S*\//g, "").slice(0, 200);
}
