import { inspect } from "node:util";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { describe, expect, test } from "vitest";
import { createRedactor } from "../redactor.ts";
import { redactMetricExporter } from "./opentelemetry.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

/** What the SDK gives to an exporter behind a redacting one. */
async function exported(
  text: string,
  wrap = true,
): Promise<{ metrics: ResourceMetrics; exporter: PushMetricExporter }> {
  const received = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const exporter = wrap ? redactMetricExporter<PushMetricExporter>(received, redactor) : received;
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 60_000,
    exportTimeoutMillis: 1_000,
  });
  const resource = resourceFromAttributes({ "process.command_args": ["node", `--token=${text}`] });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter("shop", "1.2.3");
  meter.createCounter("logins", { description: `logins with ${text}` }).add(3, { user: text, [text]: "x" });
  meter.createHistogram("duration").record(12.5, { url: `https://host/?t=${text}` });
  await provider.forceFlush();
  const [metrics] = received.getMetrics();
  await provider.shutdown();
  if (metrics === undefined) throw new Error("nothing was exported");
  return { metrics, exporter };
}

describe("metrics", () => {
  test("hold the value in names, attributes and resource if nothing masks them", async () => {
    const { metrics } = await exported(value, false);
    expect(inspect(metrics, { depth: 20 }).split(value).length).toBeGreaterThan(4);
  });

  test("are exported without the value, and with what was measured", async () => {
    const { metrics } = await exported(value);
    expect(inspect(metrics, { depth: 20, showHidden: true })).not.toContain(value);
    const [counter, histogram] = metrics.scopeMetrics[0]?.metrics ?? [];
    expect(counter?.descriptor).toMatchObject({ name: "logins", description: `logins with ${marker}` });
    expect(counter?.dataPoints[0]).toMatchObject({ value: 3, attributes: { user: marker, [marker]: "x" } });
    expect(histogram?.dataPoints[0]).toMatchObject({ value: { count: 1, sum: 12.5 } });
    expect(metrics.resource.attributes).toEqual({ "process.command_args": ["node", `--token=${marker}`] });
  });

  test("without a value are passed on themselves, to an exporter that answers as before", () => {
    const given: unknown[] = [];
    const inner = {
      export: (metrics: never, done: (result: { code: number }) => void) => {
        given.push(metrics);
        done({ code: 0 });
      },
      selectAggregationTemporality: () => AggregationTemporality.DELTA,
    };
    const exporter = redactMetricExporter(inner, redactor);
    const metrics = { resource: resourceFromAttributes({}), scopeMetrics: [{ scope: { name: "a" }, metrics: [] }] };
    let code = -1;
    exporter.export(metrics as never, (result) => {
      code = result.code;
    });
    expect(given[0]).toBe(metrics);
    expect(code).toBe(0);
    expect(exporter.selectAggregationTemporality()).toBe(AggregationTemporality.DELTA);
  });

  test("of an exporter that throws fail without the value", () => {
    const exporter = redactMetricExporter(
      {
        export: (_metrics: never, _done: (result: { code: number; error?: Error }) => void): void => {
          throw new Error(`refused ${value}`);
        },
      },
      redactor,
    );
    let failed: Error | undefined;
    exporter.export({ scopeMetrics: [] } as never, ({ error }) => {
      failed = error;
    });
    expect(failed?.message).toBe(`refused ${marker}`);
  });
});
