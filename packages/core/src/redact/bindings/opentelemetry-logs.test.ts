import { inspect } from "node:util";
import { type LogRecord, ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchLogRecordProcessor,
  ConsoleLogRecordExporter,
  InMemoryLogRecordExporter,
  LoggerProvider,
  type LogRecordExporter,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from "@opentelemetry/sdk-logs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createRedactor } from "../redactor.ts";
import { redactLogExporter } from "./opentelemetry.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });
const argv = resourceFromAttributes({ "process.command_args": ["node", `--token=${value}`] });

/** What the SDK gives to an exporter behind a redacting one, beside what it would have given. */
async function exported(record: LogRecord, resource = resourceFromAttributes({})) {
  const received = new InMemoryLogRecordExporter();
  const unmasked = new InMemoryLogRecordExporter();
  const processors = [redactLogExporter(received, redactor), unmasked].map(
    (exporter) => new SimpleLogRecordProcessor({ exporter }),
  );
  new LoggerProvider({ resource, processors }).getLogger("shop", "1.2.3").emit(record);
  await expect.poll(() => unmasked.getFinishedLogRecords()).toHaveLength(1);
  const [masked, raw] = [...received.getFinishedLogRecords(), ...unmasked.getFinishedLogRecords()];
  if (masked === undefined || raw === undefined) throw new Error("not exported");
  return { masked, raw };
}

function shown(record: ReadableLogRecord): string {
  return `${inspect(record, { depth: 20, showHidden: true, getters: true })} ${JSON.stringify(record)}`;
}

afterEach(() => void vi.restoreAllMocks());

describe("a log record", () => {
  test("without a value is passed on itself", async () => {
    const { masked, raw } = await exported({ body: { a: ["b"] }, attributes: { c: { d: 1 } }, severityText: "INFO" });
    expect(masked).toBe(raw);
  });

  test.each<[string, LogRecord, (record: ReadableLogRecord) => unknown, unknown]>([
    ["body of text", { body: `a ${value}` }, ({ body }) => body, `a ${marker}`],
    ["body of a map", { body: { a: [{ b: value }] } }, ({ body }) => body, { a: [{ b: marker }] }],
    ["key of its body", { body: { [value]: null } }, ({ body }) => body, { [marker]: null }],
    ["body of bytes", { body: Buffer.from(value) }, ({ body }) => Buffer.from(body as Buffer).toString(), marker],
    ["attribute", { attributes: { a: value } }, ({ attributes }) => attributes, { a: marker }],
    ["nested attribute", { attributes: { a: { b: [value] } } }, ({ attributes }) => attributes, { a: { b: [marker] } }],
    ["attribute name", { attributes: { [value]: 1 } }, ({ attributes }) => attributes, { [marker]: 1 }],
    ["severity text", { severityText: value }, ({ severityText }) => severityText, marker],
    ["event name", { eventName: `e.${value}` }, ({ eventName }) => eventName, `e.${marker}`],
  ])("is masked in its %s", async (_, record, read, expected) => {
    const { masked } = await exported(record);
    expect(read(masked)).toEqual(expected);
    expect(shown(masked)).not.toContain(value);
  });

  test("is masked in its exception, resource and scope", async () => {
    const received = new InMemoryLogRecordExporter();
    const exporter = redactLogExporter(received, redactor);
    const provider = new LoggerProvider({ resource: argv, processors: [new BatchLogRecordProcessor({ exporter })] });
    const logger = provider.getLogger("shop", "1", { attributes: { tenant: value } });
    logger.emit({ exception: new Error(`refused ${value}`) });
    logger.emit({ body: "clean" });
    await provider.forceFlush();
    const [first, second] = received.getFinishedLogRecords();
    expect(first?.attributes).toMatchObject({
      "exception.message": `refused ${marker}`,
      "exception.stacktrace": expect.stringContaining(`refused ${marker}`),
    });
    expect(first?.resource.attributes).toEqual({ "process.command_args": ["node", `--token=${marker}`] });
    expect(first?.instrumentationScope).toMatchObject({ name: "shop", attributes: { tenant: marker } });
    expect([second?.resource, second?.instrumentationScope]).toEqual([first?.resource, first?.instrumentationScope]);
    expect(second?.resource).toBe(first?.resource);
    expect(second?.instrumentationScope).toBe(first?.instrumentationScope);
    for (const record of received.getFinishedLogRecords()) expect(shown(record)).not.toContain(value);
  });

  test("keeps all else: its span, times, severity and counts", async () => {
    const span = {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      traceFlags: TraceFlags.NONE,
    };
    const context = trace.setSpanContext(ROOT_CONTEXT, span);
    const { masked, raw } = await exported({ body: value, severityNumber: 9, timestamp: [1, 2], context });
    expect(masked.spanContext).toEqual(span);
    const kept = Object.keys(masked).filter((key) => key !== "body");
    for (const key of kept) expect([key, Reflect.get(masked, key)]).toEqual([key, Reflect.get(raw, key)]);
    expect(kept).toEqual(expect.arrayContaining(["hrTime", "hrTimeObserved", "severityNumber", "attributes"]));
  });

  test("is printed masked by the exporter of the console", async () => {
    const dir = vi.spyOn(console, "dir").mockImplementation(() => undefined);
    const exporter: LogRecordExporter = redactLogExporter(new ConsoleLogRecordExporter(), redactor);
    const provider = new LoggerProvider({ resource: argv, processors: [new SimpleLogRecordProcessor({ exporter })] });
    provider.getLogger("t").emit({ body: { a: value }, attributes: { b: value } });
    await expect.poll(() => dir).toHaveBeenCalledOnce();
    const text = inspect(dir.mock.calls, { depth: 20, showHidden: true });
    expect(text).toContain(marker);
    expect(text).not.toContain(value);
    await provider.shutdown();
  });
});
