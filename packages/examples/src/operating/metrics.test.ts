import { readFileSync } from "node:fs";
import { recordPrometheusMetrics } from "@tacit/core/observe";
import { mockSecrets } from "@tacit/core/testing";
import promClient, { Registry } from "prom-client";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const secrets = mockSecrets();
const register = new Registry();
recordPrometheusMetrics(secrets, promClient, { register, clock: secrets.clock });
const recorded = await register.getMetricsAsJSON();
const labels = new Map(
  recorded.map(({ name }) => {
    const { labelNames } = register.getSingleMetric(name) as unknown as { readonly labelNames: readonly string[] };
    return [name, labelNames];
  }),
);

afterAll(() => secrets.close());

/** The expressions of a file, by where they stand. */
function expressionsOf(file: unknown): readonly string[] {
  if (Array.isArray(file)) return file.flatMap(expressionsOf);
  if (typeof file !== "object" || file === null) return [];
  return Object.entries(file).flatMap(([key, value]) =>
    key === "expr" && typeof value === "string" ? [value] : expressionsOf(value),
  );
}

const expressions = [
  ...expressionsOf(JSON.parse(read("dashboard.json"))).map((text) => ["dashboard.json", text] as const),
  ...expressionsOf(parse(read("alerts.yaml"))).map((text) => ["alerts.yaml", text] as const),
];

test("there are a dashboard and alerts", () => {
  expect(expressions.filter(([file]) => file === "dashboard.json").length).toBeGreaterThan(9);
  expect(expressions.filter(([file]) => file === "alerts.yaml")).toHaveLength(5);
});

test.each(expressions)("%s reads metrics and labels that are recorded: %s", (_file, expression) => {
  const names = expression.match(/\btacit_[a-z_]+(?=[{[) ])/g) ?? [];
  const metrics = names
    .map((name) => name.replace(/_(bucket|count|sum)$/, ""))
    .filter((name) => !/_(state|alias|name|reference|reason|outcome|event)$/.test(name));
  expect(metrics).not.toEqual([]);
  for (const metric of metrics) expect([...labels.keys()]).toContain(metric);
  const known = metrics.flatMap((metric) => labels.get(metric) ?? []);
  const used = [...expression.matchAll(/(?:by \(([^)]*)\))|(?:([a-z_]+)(?:=~?|!=)")/g)];
  for (const [, list, one] of used)
    for (const label of (list ?? one ?? "").split(/,\s*/))
      if (!["job", "instance", "le"].includes(label)) expect(known).toContain(label);
});

test("docs/operating.md lists every metric that is recorded, and no other", () => {
  const told = [...read("../../../../docs/operating.md").matchAll(/^\| `(tacit_[a-z_]+)` \|/gm)].map(
    ([, name]) => name,
  );
  expect(told.toSorted()).toEqual([...labels.keys()].toSorted());
});
