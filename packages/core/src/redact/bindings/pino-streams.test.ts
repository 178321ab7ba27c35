import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DestinationStream, pino, type TransportSingleOptions } from "pino";
import { pino as pino95 } from "pino-9-5";
import { afterAll, describe, expect, test } from "vitest";
import { leakCheck } from "../../testing/leak-check.ts";
import { createRedactor, redactDestination, redactPino } from "../index.ts";

const value = "s3cret-fixture";
const { assertNoLeak } = leakCheck([value]);
const redactor = createRedactor();
redactor.register(value, { name: "db" });
const options = { base: null, timestamp: false } as const;
const redacted = redactPino(options, redactor);

const folder = mkdtempSync(join(tmpdir(), "tacit-pino-"));
const target = join(folder, "worker.mjs");
let files = 0;
const newFile = () => join(folder, `${files++}.log`);

writeFileSync(
  target,
  `import { appendFileSync } from "node:fs";
  import { Writable } from "node:stream";
  export default ({ file }) => new Writable({ write: (chunk, _, done) => done(appendFileSync(file, chunk)) });`,
);
afterAll(() => rmSync(folder, { recursive: true }));

function records(text: string): unknown[] {
  assertNoLeak(text);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
const messages = (file: string) => records(readFileSync(file, "utf8")).map((record) => (record as { msg: string }).msg);

describe("a file that pino.destination writes", () => {
  test.each([true, false])("holds no value with redactPino and sync: %s", async (sync) => {
    const file = newFile();
    const destination = pino.destination({ dest: file, sync });
    const logger = pino(redacted, destination);
    logger.info(`a ${value}`);
    logger.info(`b ${value}`);
    destination.end();
    await once(destination, "close");
    expect(messages(file)).toEqual(["a [REDACTED:db]", "b [REDACTED:db]"]);
  });

  test.each([true, false])("is reopened, flushed and ended through redactDestination with sync: %s", async (sync) => {
    const file = newFile();
    const destination = redactDestination(pino.destination({ dest: file, sync, minLength: sync ? 0 : 4096 }), redactor);
    await once(destination, "ready");
    const logger = pino95(options, destination);
    logger.info(`a ${value}`);
    destination.flushSync();
    renameSync(file, `${file}.old`);
    destination.reopen();
    if (!sync) await once(destination, "ready");
    logger.info(`b ${value}`);
    await new Promise<void>((resolve) => logger.flush(() => resolve()));
    destination.end();
    await once(destination, "close");
    expect(messages(`${file}.old`)).toEqual(["a [REDACTED:db]"]);
    expect(messages(file)).toEqual(["b [REDACTED:db]"]);
  });

  test("holds the last words of a crash at once", async () => {
    const file = newFile();
    const destination = redactDestination(pino.destination({ dest: file, sync: false, minLength: 4096 }), redactor);
    await once(destination, "ready");
    pino(options, destination).fatal(new Error(value));
    expect(messages(file)).toEqual(["[REDACTED:db]"]);
    destination.destroy();
  });

  test("tells of its errors through redactDestination", async () => {
    const destination = redactDestination(
      pino.destination({ dest: join(folder, "missing", "file"), sync: false }),
      redactor,
    );
    const [error] = await once(destination, "error");
    expect(error).toMatchObject({ code: "ENOENT" });
  });
});

describe("a multistream", () => {
  const streams = (wrap: (stream: DestinationStream) => DestinationStream) => {
    const written = { all: "", warnings: "", errors: "" };
    const sink = (name: keyof typeof written) =>
      wrap({
        write(line) {
          written[name] += line;
        },
      });
    const entries = [
      { stream: sink("all") },
      { level: "warn", stream: sink("warnings") },
      { level: "error", stream: sink("errors") },
    ] as const;
    return { written, entries: [...entries] };
  };
  const log = (logger: Pick<pino.Logger, "debug" | "info" | "warn" | "error">) => {
    for (const level of ["debug", "info", "warn", "error"] as const) logger[level](`${level} ${value}`);
  };
  const counts = ({ all, warnings, errors }: Record<"all" | "warnings" | "errors", string>) =>
    [all, warnings, errors].map((text) => records(text).length);
  const keep = (stream: DestinationStream) => stream;
  const mask = (stream: DestinationStream) => redactDestination(stream, redactor);

  test.each([
    [false, [3, 2, 1]],
    [true, [1, 1, 1]],
  ])("writes to the streams of a level as before, with dedupe: %s", (dedupe, expected) => {
    const [byHook, whole, each] = [streams(keep), streams(keep), streams(mask)];
    log(pino(redacted, pino.multistream(byHook.entries, { dedupe })));
    log(pino95(options, redactDestination(pino95.multistream(whole.entries, { dedupe }), redactor)));
    log(pino95(options, pino95.multistream(each.entries, { dedupe })));
    for (const { written } of [byHook, whole, each]) expect(counts(written)).toEqual(expected);
  });
});

describe("a transport worker", () => {
  const transports: [string, (file: string) => Parameters<typeof pino.transport>[0]][] = [
    ["one target", (file) => ({ target, options: { file } })],
    ["pino/file", (file) => ({ target: "pino/file", options: { destination: file } })],
    ["several targets", (file) => ({ targets: [to(file), { ...to(newFile()), level: "error" }], dedupe: true })],
    ["a pipeline", (file) => ({ pipeline: [to(file)] })],
  ];
  const to = (file: string): TransportSingleOptions => ({ target, options: { file } });

  test.each(transports)("is sent masked lines by redactPino: %s", async (_, describeTransport) => {
    const file = newFile();
    const transport = pino.transport(describeTransport(file));
    pino(redacted, transport).info(`a ${value}`);
    transport.end();
    await once(transport, "close");
    expect(messages(file)).toEqual(["a [REDACTED:db]"]);
  });

  test("is sent masked lines when it is named in the options", async () => {
    const file = newFile();
    const logger = pino(redactPino({ ...options, transport: { target, options: { file } } }, redactor));
    logger.info(`a ${value}`);
    const transport = Reflect.get(logger, pino.symbols.streamSym) as ReturnType<typeof pino.transport>;
    transport.end();
    await once(transport, "close");
    expect(messages(file)).toEqual(["a [REDACTED:db]"]);
  });

  // a transport of pino 9.5 that nothing else holds may be collected before it has closed
  const held: object[] = [];

  test("is sent masked lines by redactDestination", async () => {
    const file = newFile();
    const transport = redactDestination(pino95.transport(to(file)), redactor);
    held.push(transport);
    const logger = pino95(options, transport);
    await once(transport, "ready");
    logger.info(`a ${value}`);
    transport.flushSync();
    transport.end();
    await once(transport, "close");
    expect(messages(file)).toEqual(["a [REDACTED:db]"]);
  });
});
