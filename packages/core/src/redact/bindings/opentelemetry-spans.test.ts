import { inspect } from "node:util";
import { createTraceState, ROOT_CONTEXT, type Span, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createRedactor, type Redactor } from "../redactor.ts";
import { redactSpanExporter } from "./opentelemetry.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

const argv = resourceFromAttributes({ "process.command_args": ["node", `--token=${value}`], "service.name": "shop" });
const parent = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceFlags: TraceFlags.SAMPLED,
  traceState: createTraceState(`vendor=${value},other=1`),
};

/** What the SDK gives to an exporter behind a redacting one, beside what it would have given. */
async function exported(record: (span: Span) => void, { name = "clean", resource = resourceFromAttributes({}) } = {}) {
  const received = new InMemorySpanExporter();
  const unmasked = new InMemorySpanExporter();
  const processors = [redactSpanExporter(received, redactor), unmasked].map(
    (exporter) => new SimpleSpanProcessor({ exporter }),
  );
  const provider = new TracerProvider({ resource, spanProcessors: processors });
  const span = provider.getTracer("shop", "1.2.3").startSpan(name, { attributes: { first: 1 } });
  record(span);
  span.end();
  await provider.forceFlush();
  const [masked, raw] = [...received.getFinishedSpans(), ...unmasked.getFinishedSpans()];
  if (masked === undefined || raw === undefined) throw new Error("not exported");
  return { masked, raw };
}

function shown(span: ReadableSpan): string {
  const all = { ...span, context: span.spanContext(), raw: span.resource.getRawAttributes() };
  return `${inspect(all, { depth: 20, showHidden: true, getters: true })} ${inspect(span, { depth: 20, showHidden: true })} ${JSON.stringify(all)}`;
}

afterEach(() => void vi.restoreAllMocks());

describe("a span", () => {
  test("without a value is passed on itself", async () => {
    const { masked, raw } = await exported((span) => {
      span.setAttributes({ url: "https://host/", list: ["a", "b"] }).addEvent("event", { attempt: 1 });
      span.addLink({ context: { ...parent, traceState: createTraceState("a=1") }, attributes: { a: "b" } });
    });
    expect(masked).toBe(raw);
  });

  test.each<[string, (span: Span) => void, (span: ReadableSpan) => unknown, unknown]>([
    ["name", (span) => span.updateName(`GET /${value}`), ({ name }) => name, `GET /${marker}`],
    ["attribute", (span) => span.setAttribute("url", `?t=${value}`), (span) => span.attributes.url, `?t=${marker}`],
    ["array attribute", (span) => span.setAttribute("a", ["x", value]), (span) => span.attributes.a, ["x", marker]],
    ["map attribute", (span) => span.setAttribute("m", { in: [value] }), (span) => span.attributes.m, { in: [marker] }],
    [
      "byte attribute",
      (span) => span.setAttribute("b", Buffer.from(value)),
      (span) => Buffer.from(span.attributes.b as Uint8Array).toString(),
      marker,
    ],
    ["key", (span) => span.setAttribute(`k.${value}`, 1), (span) => span.attributes[`k.${marker}`], 1],
    [
      "status",
      (span) => span.setStatus({ code: 2, message: value }),
      (span) => span.status,
      { code: 2, message: marker },
    ],
    ["event name", (span) => span.addEvent(`e ${value}`), (span) => span.events[0]?.name, `e ${marker}`],
    [
      "event attribute",
      (span) => span.addEvent("e", { a: [value] }),
      (span) => span.events[0]?.attributes,
      { a: [marker] },
    ],
    [
      "link attribute",
      (span) => span.addLink({ context: { ...parent, traceState: createTraceState("a=1") }, attributes: { a: value } }),
      (span) => span.links[0]?.attributes,
      { a: marker },
    ],
    [
      "trace state of a link",
      (span) => span.addLink({ context: parent }),
      (span) => span.links[0]?.context.traceState?.serialize(),
      `vendor=${marker},other=1`,
    ],
  ])("is masked in its %s", async (_, record, read, expected) => {
    const { masked } = await exported(record);
    expect(read(masked)).toEqual(expected);
    expect(shown(masked)).not.toContain(value);
  });

  test("is masked in what recordException notes of an error", async () => {
    const error = Object.assign(new Error(`refused ${value}`), { code: `E_${value}` });
    const { masked } = await exported((span) => span.recordException(error));
    expect(masked.events[0]?.attributes).toMatchObject({
      "exception.type": `E_${marker}`,
      "exception.message": `refused ${marker}`,
      "exception.stacktrace": expect.stringMatching(/^Error: refused \[REDACTED:db\]\n +at /),
    });
    expect(shown(masked)).not.toContain(value);
  });

  test("is masked in the arguments of the process that its resource tells", async () => {
    const { masked } = await exported(() => undefined, { resource: argv });
    expect(masked.resource.attributes).toEqual({
      "process.command_args": ["node", `--token=${marker}`],
      "service.name": "shop",
    });
    expect(masked.resource.merge(resourceFromAttributes({ more: 1 })).attributes).toMatchObject({ more: 1 });
    expect(shown(masked)).not.toContain(value);
  });

  test("keeps all else: contexts, times, counts and whatever else is clean", async () => {
    const { masked, raw } = await exported((span) => span.setStatus({ code: SpanStatusCode.ERROR, message: value }));
    const expected = Object.keys(masked).filter((key) => key !== "status" && key !== "spanContext");
    for (const key of expected) expect([key, Reflect.get(masked, key)]).toEqual([key, Reflect.get(raw, key)]);
    expect(expected).toEqual(
      expect.arrayContaining(["kind", "startTime", "endTime", "duration", "ended", "droppedEventsCount"]),
    );
    expect(masked.spanContext()).toBe(raw.spanContext());
    expect(masked.attributes).toBe(raw.attributes);
    expect(masked.resource).toBe(raw.resource);
    expect(masked.instrumentationScope).toBe(raw.instrumentationScope);
  });

  test("keeps times that look like a value", async () => {
    const clocks = createRedactor();
    clocks.register("1700000000", { name: "pin", mask: "always" });
    const received = new InMemorySpanExporter();
    const provider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: redactSpanExporter(received, clocks) })],
    });
    const span = provider.getTracer("t").startSpan("pin 1700000000", { startTime: [1_700_000_000, 0] });
    span.addEvent("pin 1700000000", [1_700_000_000, 0]).end();
    await provider.forceFlush();
    expect(received.getFinishedSpans()[0]).toMatchObject({
      name: "pin [REDACTED:pin]",
      startTime: [1_700_000_000, 0],
      events: [{ name: "pin [REDACTED:pin]", time: [1_700_000_000, 0] }],
    });
  });

  test("is masked in the trace state that came with the request, and stays in its trace", async () => {
    const received = new InMemorySpanExporter();
    const provider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: redactSpanExporter(received, redactor) })],
    });
    provider.getTracer("t").startSpan("child", {}, trace.setSpanContext(ROOT_CONTEXT, parent)).end();
    await provider.forceFlush();
    const [span] = received.getFinishedSpans();
    expect(span?.spanContext().traceState?.get("vendor")).toBe(marker);
    expect(span?.spanContext()).toMatchObject({ traceId: parent.traceId, traceFlags: TraceFlags.SAMPLED });
    expect(span?.parentSpanContext).toMatchObject({ spanId: parent.spanId });
    expect(span && shown(span)).not.toContain(value);
  });

  test("shares the copies of its resource and scope with the others of its batch", async () => {
    const received = new InMemorySpanExporter();
    const exporter = redactSpanExporter(received, redactor);
    const provider = new TracerProvider({ resource: argv, spanProcessors: [new BatchSpanProcessor({ exporter })] });
    const tracer = provider.getTracer(`scope ${value}`);
    for (const name of ["a", "b", value]) tracer.startSpan(name).end();
    await provider.forceFlush();
    const spans = received.getFinishedSpans();
    expect(spans.map(({ name }) => name)).toEqual(["a", "b", marker]);
    expect(new Set(spans.map(({ resource }) => resource)).size).toBe(1);
    expect([...new Set(spans.map((span) => span.instrumentationScope))]).toMatchObject([{ name: `scope ${marker}` }]);
  });

  test("that is too large to check is cut, and the others of its batch are whole", async () => {
    const large = { a: Array.from({ length: 100_001 }, (_, index) => `${index}`) };
    const received = new InMemorySpanExporter();
    const { raw } = await exported((span) => span.setAttribute("b", "whole"));
    const batch = [{ ...raw, spanContext: () => parent, attributes: large }, raw];
    redactSpanExporter(received, redactor).export(batch, () => undefined);
    const [cut, whole] = received.getFinishedSpans();
    expect(JSON.stringify(cut?.attributes)).toContain("[REDACTED: too large to check]");
    expect(whole).toBe(raw);
  });

  test("that another tracer made, without what the SDK always has, is masked and kept", async () => {
    const received: object[] = [];
    const exporter = { export: (spans: object[]) => void received.push(...spans), shutdown: async () => undefined };
    const odd = { name: value, events: undefined, resource: undefined, instrumentationScope: undefined, links: null };
    redactSpanExporter(exporter, redactor).export([odd], () => undefined);
    expect(received).toEqual([{ ...odd, name: marker }]);
  });

  test("is printed masked by the exporter of the console", async () => {
    const dir = vi.spyOn(console, "dir").mockImplementation(() => undefined);
    const exporter = redactSpanExporter(new ConsoleSpanExporter(), redactor);
    const provider = new TracerProvider({ resource: argv, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    const span = provider.getTracer("t").startSpan(value, { attributes: { [value]: [value] } });
    span.recordException(new Error(value));
    span.end();
    await provider.forceFlush();
    expect(dir).toHaveBeenCalledOnce();
    const text = inspect(dir.mock.calls, { depth: 20, showHidden: true });
    expect(text).toContain(marker);
    expect(text).not.toContain(value);
    await provider.shutdown();
  });

  test("of SDK 1.x, with its own names of things, is masked too", () => {
    class Span1 {
      readonly name = value;
      readonly parentSpanId = "b7ad6b7169203331";
      readonly instrumentationLibrary = { name: value };
      readonly resource = { attributes: { a: value }, merge: () => undefined };
      readonly #context = { traceId: "t", spanId: "s" };
      spanContext() {
        return this.#context;
      }
      get duration() {
        return [this.#context.traceId.length, 0];
      }
    }
    const received: Span1[] = [];
    const exporter = { export: (spans: Span1[]) => void received.push(...spans), shutdown: async () => undefined };
    redactSpanExporter(exporter, redactor).export([new Span1()], () => undefined);
    expect(received[0]).toMatchObject({
      name: marker,
      parentSpanId: "b7ad6b7169203331",
      instrumentationLibrary: { name: marker },
      resource: { attributes: { a: marker } },
      duration: [1, 0],
    });
    expect(received[0]?.spanContext()).toEqual({ traceId: "t", spanId: "s" });
  });
});

describe("the exporter", () => {
  const failing = (error: Error): SpanExporter => ({
    export: (_, done) => done({ code: 1, error }),
    forceFlush: () => Promise.reject(error),
    shutdown: () => Promise.reject(error),
  });
  const results = (exporter: SpanExporter, spans: ReadableSpan[]) =>
    new Promise<{ code: number; error?: Error }>((resolve) => exporter.export(spans, resolve));

  test("is told to flush and to shut down", async () => {
    const calls: string[] = [];
    const exporter: SpanExporter = {
      export: (_, done) => done({ code: 0 }),
      forceFlush: async () => void calls.push("flush"),
      shutdown: async () => void calls.push("shutdown"),
    };
    const redacting = redactSpanExporter(exporter, redactor);
    await redacting.forceFlush();
    await redacting.shutdown();
    expect(calls).toEqual(["flush", "shutdown"]);
    expect(await results(redacting, [])).toEqual({ code: 0 });
    await redactSpanExporter({ export: exporter.export, shutdown: exporter.shutdown }, redactor).forceFlush();
  });

  test("fails with masked errors", async () => {
    const exporter = redactSpanExporter(failing(new Error(`401 for ${value}`)), redactor);
    const message = `401 for ${marker}`;
    expect(await results(exporter, [])).toMatchObject({ code: 1, error: { message } });
    await expect(exporter.forceFlush()).rejects.toMatchObject({ message });
    await expect(exporter.shutdown()).rejects.toMatchObject({ message });
    const throwing: SpanExporter = {
      export: () => {
        throw new Error(`401 for ${value}`);
      },
      shutdown: async () => undefined,
    };
    expect(await results(redactSpanExporter(throwing, redactor), [])).toMatchObject({ code: 1, error: { message } });
  });

  test("names its output in reports of leaks", async () => {
    const sinks: (string | undefined)[] = [];
    const reporting = createRedactor({ onLeak: ({ sink }) => void sinks.push(sink) });
    reporting.register(value, { name: "db" });
    const { raw } = await exported((span) => span.setAttribute("a", value));
    await results(redactSpanExporter(new InMemorySpanExporter(), reporting), [raw]);
    expect(new Set(sinks)).toEqual(new Set(["opentelemetry"]));
  });

  test("never gets a span that could not be checked, and gets the others", async () => {
    const { raw } = await exported((span) => span.setAttribute("a", value));
    const hostile = Object.defineProperty({ ...raw }, "attributes", {
      get: () => {
        throw new Error(value);
      },
    });
    const received = new InMemorySpanExporter();
    const exporter = redactSpanExporter(received, redactor);
    expect(await results(exporter, [hostile, raw])).toEqual({ code: 0 });
    expect(received.getFinishedSpans().map(({ attributes }) => attributes.a)).toEqual([marker]);
    const result = await results(exporter, [hostile]);
    expect([result.code, result.error?.message]).toEqual([1, "None of it could be checked for secrets."]);
    expect(received.getFinishedSpans()).toHaveLength(1);
  });

  test("gets nothing raw when the redactor itself fails", async () => {
    const { raw } = await exported((span) => span.setAttribute("a", value));
    const fails = () => {
      throw new Error(value);
    };
    const broken: Redactor = { ...redactor, redact: fails, deep: fails };
    const received = new InMemorySpanExporter();
    await results(redactSpanExporter(received, broken), [raw]);
    expect(inspect(received.getFinishedSpans(), { depth: 20 })).not.toContain(value);
  });

  test("gets no attributes of a resource that is still being detected", async () => {
    const { raw } = await exported(() => undefined);
    const resource = resourceFromAttributes({ known: 1, later: Promise.resolve(value) });
    const received = new InMemorySpanExporter();
    await results(redactSpanExporter(received, redactor), [{ ...raw, spanContext: () => parent, resource }]);
    const [span] = received.getFinishedSpans();
    await span?.resource.waitForAsyncAttributes?.();
    expect(span?.resource.attributes).toEqual({ known: 1 });
  });
});
