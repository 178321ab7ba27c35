import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider, MetricReader, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import promClient, { Registry } from "prom-client";
import { expect, test } from "vitest";
import { declaredClient, nextPoll } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { type Instrument, instruments, prometheusLabel, prometheusName } from "./instruments.ts";
import { recordMetrics } from "./open-telemetry.ts";
import { recordPrometheusMetrics } from "./prometheus.ts";

const value = "s3cret-fixture-7f3a";
const all = Object.values<Instrument>(instruments);

class Reader extends MetricReader {
  async read(): Promise<ResourceMetrics> {
    return (await this.collect()).resourceMetrics;
  }
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** A client that both libraries measure, after a rotation, a refusal, a read of something undeclared, and a deletion. */
async function measured() {
  const accept = (next: { reveal(): string }): boolean => !next.reveal().endsWith("bad");
  const declared = declareSecrets({ db: { ref: "db/primary", accept }, maybe: { ref: "maybe", optional: true } });
  const client = declaredClient(declared);
  const { secrets, store, clock } = client;
  const reader = new Reader();
  const provider = new MeterProvider({ readers: [reader] });
  const register = new Registry();
  const stops = [
    recordMetrics(secrets, provider.getMeter("tacit"), { clock }),
    recordPrometheusMetrics(secrets, promClient, { register, clock }),
  ];
  const expiresAt = new Date(clock.now() + 3_600_000);
  store.set("db/primary", value, { expiresAt });
  store.set("tenant/7", value);
  await secrets.ready();
  await secrets.getSecret("tenant/7");
  store.set("db/primary", `${value}-2`, { expiresAt });
  await nextPoll({ clock });
  store.set("db/primary", `${value}-bad`, { expiresAt });
  await nextPoll({ clock });
  secrets.watch("db").on("error", () => {
    throw new TypeError(value);
  });
  store.fail("UNAVAILABLE");
  await nextPoll({ clock });
  const stop = (): void => {
    for (const one of stops) one();
  };
  return { ...client, reader, register, stop };
}

/** `name{labels} value` of each sample, without what is 0. */
function samplesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#") && !line.endsWith(" 0"));
}

test("both libraries record the same metrics, and none of them contains a value", async () => {
  const { reader, register, secrets } = await measured();
  const prometheus = await register.metrics();
  const openTelemetry = new PrometheusSerializer(undefined, false, undefined, true, true).serialize(
    await reader.read(),
  );
  // The serializer of the SDK leaves the unit out of the name.
  const withoutUnit = samplesOf(prometheus).map((line) => line.replace(/^(tacit_[a-z_]+?)_seconds/, "$1"));
  const order = (line: string): string =>
    line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(",").sort()}}`);
  expect(withoutUnit.map(order).sort()).toEqual(samplesOf(openTelemetry).map(order).sort());
  expect(prometheus + openTelemetry).not.toContain(value);
  await secrets.close();
});

test("the metrics report past events and the current state", async () => {
  const { register, secrets } = await measured();
  const samples = samplesOf(await register.metrics());
  const db = 'tacit_secret_alias="db",tacit_secret_reference="db/primary"';
  for (const sample of [
    'tacit_client_status{tacit_client_state="degraded"} 1',
    `tacit_secret_status{${db},tacit_secret_state="stale"} 1`,
    'tacit_secret_status{tacit_secret_alias="maybe",tacit_secret_reference="maybe",tacit_secret_state="stale"} 1',
    `tacit_secret_time_to_expiry_seconds{${db}} ${3_600 - 3 * 72}`,
    'tacit_secret_changes_total{tacit_secret_reference="db/primary",tacit_change_reason="rotated"} 1',
    'tacit_secret_changes_total{tacit_secret_reference="_OTHER",tacit_change_reason="initial"} 1',
    'tacit_secret_refusals_total{tacit_secret_reference="db/primary",tacit_refusal_reason="declined"} 1',
    'tacit_secret_errors_total{tacit_secret_reference="maybe",error_type="UNAVAILABLE"} 1',
  ])
    expect(samples).toContain(sample);
  expect(samples.join("\n")).toMatch(/tacit_listener_failures_total\{tacit_listener_event="error"\} [1-9]/);
  expect(samples.join("\n")).toMatch(/tacit_secret_age_seconds\{[^}]*\} [1-9]/);
  expect(samples.join("\n")).toMatch(/read_duration_seconds_count\{[^}]*tacit_read_outcome="UNAVAILABLE"\} [1-9]/);
  expect(samples.join("\n")).not.toContain("tenant/7");
  await secrets.close();
});

test("every metric has its type, unit, description and labels", async () => {
  const { reader, register, secrets } = await measured();
  const text = await register.metrics();
  const types = { counter: "counter", histogram: "histogram", gauge: "gauge", status: "gauge" } as const;
  for (const instrument of all) {
    expect(text).toContain(`# TYPE ${prometheusName(instrument)} ${types[instrument.kind]}\n`);
    expect(text).toContain(`# HELP ${prometheusName(instrument)} ${instrument.description}\n`);
    const labels = register.getSingleMetric(prometheusName(instrument)) as unknown as { labelNames: string[] };
    expect(labels.labelNames).toEqual(instrument.attributes.map(prometheusLabel));
  }
  const [scope] = (await reader.read()).scopeMetrics;
  for (const { descriptor } of scope?.metrics ?? [])
    expect(all).toContainEqual(expect.objectContaining({ name: descriptor.name, unit: descriptor.unit }));
  await secrets.close();
});

test("nothing is recorded once it is stopped", async () => {
  const { reader, register, stop, secrets, store, clock } = await measured();
  stop();
  store.heal();
  store.set("db/primary", `${value}-3`);
  await nextPoll({ clock });
  expect(await register.metrics()).toBe("\n");
  const [scope] = (await reader.read()).scopeMetrics;
  const changes = scope?.metrics.find(({ descriptor }) => descriptor.name === "tacit.secret.changes");
  expect(changes?.dataPoints.map(({ value: count }) => count)).toEqual([1, 1, 1]);
  expect(scope?.metrics.find(({ descriptor }) => descriptor.name === "tacit.client.status")?.dataPoints ?? []).toEqual(
    [],
  );
  await secrets.close();
});

test("an option that does not exist is refused", () => {
  const { secrets } = declaredClient(declareSecrets({}));
  const meter = new MeterProvider().getMeter("tacit");
  const wrong = { clocks: 1 } as never;
  expect(() => recordMetrics(secrets, meter, wrong)).toThrow(
    'recordMetrics has no option "clocks"; did you mean "clock"?',
  );
  expect(() => recordPrometheusMetrics(secrets, promClient, wrong)).toThrow(
    'recordPrometheusMetrics has no option "clocks"; did you mean "clock"?',
  );
});
