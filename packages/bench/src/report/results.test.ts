import { expect, test } from "vitest";
import type { BenchReport } from "../bench.ts";
import { mergeRuns, type Results } from "./results.ts";
import { contenderTables, goalTable, standings } from "./tables.ts";

const run = (value: number | null, torn: number): BenchReport => ({
  rows: [{ group: "g", contender: "c", values: { "ns/op": value } }],
  goals: { P1: value, "P8.torn": torn },
  absent: [{ contender: "gone", reason: "not installed" }],
});

const resultsOf = (...runs: BenchReport[]): Results => ({
  node: "v24",
  platform: "linux",
  cores: 2,
  benches: { get: mergeRuns("Get", runs) },
});

test("takes the median of several runs", () => {
  const merged = mergeRuns("Get", [run(9, 0), run(1, 0), run(2, 0)]);
  expect(merged.rows[0]?.values).toEqual({ "ns/op": 2 });
  expect(merged.goals.P1).toBe(2);
});

test("takes the worst run where wrong results are counted", () => {
  expect(mergeRuns("Pair", [run(1, 0), run(1, 3), run(1, 0)]).goals["P8.torn"]).toBe(3);
});

test("names a contender that could not run once", () => {
  expect(mergeRuns("Get", [run(1, 0), run(1, 0)]).absent).toEqual([{ contender: "gone", reason: "not installed" }]);
});

test("keeps a figure that never came to an end as null, and its goal as missed", () => {
  const results = resultsOf(run(null, 0), run(null, 0), run(1, 0));
  expect(results.benches.get?.rows[0]?.values).toEqual({ "ns/op": null });
  expect(standings(results).find(({ key }) => key === "P1")).toMatchObject({ figure: null, verdict: "missed" });
});

test("shows what never came to an end as its row says it", () => {
  const report = run(null, 0);
  const rows = report.rows.map((row) => ({ ...row, unended: "not within 60" }));
  expect(contenderTables(resultsOf(report))).toContain("| c   | never |");
  expect(contenderTables(resultsOf({ ...report, rows }))).toContain("| c   | not within 60 |");
});

test.each([
  [2.999, "met"],
  [3, "met"],
  [3.01, "**missed**"],
])("a read of %f x Map.get counts as %s", (value, verdict) => {
  const line = goalTable(resultsOf(run(value, 0))).split("\n")[2];
  expect(line?.split("|").at(-2)?.trim()).toBe(verdict);
});

test("a goal without a figure counts as not measured", () => {
  expect(standings(resultsOf(run(1, 0))).find(({ key }) => key === "P25.close")?.verdict).toBe("not measured");
});
