import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { goals } from "./goals.ts";
import { performanceDocument, withTables } from "./report/performance-document.ts";
import { readResults } from "./report/results.ts";
import { standings } from "./report/tables.ts";

const page = readFileSync(performanceDocument, "utf8");
const results = readResults();
if (results === undefined) throw new Error("packages/bench/results/latest.json is missing: run the benches");

test("the performance page shows the tables of the last results", () => {
  expect(withTables(page, results)).toBe(page);
});

test.each([...new Set([...goals.values()].map(({ id }) => id))])("the performance page names goal %s", (id) => {
  expect(page).toMatch(new RegExp(`\\b${id}\\b`));
});

test("every missed goal is explained in the text", () => {
  const text = page.slice(page.indexOf("## What is missed"), page.indexOf("## Every contender"));
  const missed = standings(results).filter(({ verdict }) => verdict === "missed");
  expect(missed.filter(({ goal }) => !new RegExp(`\\b${goal.id}\\b`).test(text)).map(({ key }) => key)).toEqual([]);
});

test("every chart that the page shows exists", () => {
  const charts = [...page.matchAll(/\]\((charts\/[^)]+\.svg)\)/g)].map((match) => match[1] ?? "");
  expect(charts.length).toBeGreaterThan(0);
  expect(charts.filter((chart) => !existsSync(join(dirname(performanceDocument), chart)))).toEqual([]);
});
