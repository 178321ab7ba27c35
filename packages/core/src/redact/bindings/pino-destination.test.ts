import { PassThrough, Transform, Writable } from "node:stream";
import { type DestinationStream, pino } from "pino";
import { pino as pino95 } from "pino-9-5";
import { beforeEach, describe, expect, test } from "vitest";
import { leakCheck } from "../../testing/leak-check.ts";
import { createRedactor, redactDestination } from "../index.ts";

const value = "s3cret-fixture";
const { assertNoLeak } = leakCheck([value]);
const redactor = createRedactor();
redactor.register(value, { name: "db" });
const options = { base: null, timestamp: false } as const;
const unchecked = '{"level":50,"msg":"[REDACTED: could not be checked]"}\n';
const line = '{"level":30,"msg":"[REDACTED:db]"}\n';

let written: string[];

/** Its lines are out of reach for a method that is called on anything else than the sink itself. */
class Sink {
  readonly #lines = written;

  write(text: string): boolean {
    return this.#lines.push(text) > 0;
  }
}

function keep(chunk: unknown, _encoding: string, done: () => void): void {
  written.push(String(chunk));
  done();
}

beforeEach(() => {
  written = [];
});

describe("redactDestination", () => {
  test.each<[string, (stream: DestinationStream) => Pick<pino.Logger, "info" | "error">]>([
    ["today", (stream) => pino(options, stream).child({ a: value })],
    ["of 9.5", (stream) => pino95(options, stream).child({ a: value })],
  ])("masks every line that pino %s writes to it", (_, create) => {
    const logger = create(redactDestination(Object.freeze(new Sink()), redactor));
    logger.info(value);
    logger.error(new Error(value, { cause: { value } }));
    assertNoLeak(written);
    expect(written.map((text) => JSON.parse(text))).toMatchObject([
      { a: "[REDACTED:db]", msg: "[REDACTED:db]" },
      { a: "[REDACTED:db]", err: { message: "[REDACTED:db]" } },
    ]);
  });

  test("masks lines of text, bytes, and the last line that a stream ends with", async () => {
    const stream = new PassThrough();
    const redacted = redactDestination(stream, redactor);
    redacted.write(`text ${value}\n`, "utf8");
    redacted.write(Buffer.from(`bytes ${value}\n`));
    await new Promise<void>((resolve) => redacted.end(`end ${value}\n`, resolve));
    expect(String(stream.read())).toBe("text [REDACTED:db]\nbytes [REDACTED:db]\nend [REDACTED:db]\n");
  });

  test("masks before or after a stream that formats lines as text", () => {
    const printer = () =>
      new Transform({ transform: (chunk, _, done) => done(null, `${JSON.parse(chunk).msg} (${value})\n`) });
    const [before, after] = [printer(), printer()];
    pino95(options, redactDestination(before, redactor)).info(value);
    expect(String(before.read())).toBe(`[REDACTED:db] (${value})\n`);
    pino95(options, after).info(value);
    after.pipe(redactDestination(new Writable({ write: keep }), redactor));
    after.resume();
    return expect.poll(() => written).toEqual(["[REDACTED:db] ([REDACTED:db])\n"]);
  });

  test("can be the only argument of pino", () => {
    const stream = new PassThrough();
    pino(redactDestination(stream, redactor)).info(value);
    expect(JSON.parse(String(stream.read()))).toMatchObject({ msg: "[REDACTED:db]" });
  });

  test("returns itself where the destination would return itself, and wraps clones", () => {
    const stream = new PassThrough();
    const redacted = redactDestination(stream, redactor);
    expect(redacted.on("error", () => undefined)).toBe(redacted);
    expect(stream.listenerCount("error")).toBe(1);
    const multistream = redactDestination(pino.multistream([{ stream: new Sink() }]), redactor);
    pino(options, multistream.add({ stream: new Sink() }).clone(30)).info(value);
    expect(written).toEqual([line, line]);
  });

  test("wraps once when it is applied twice, and with each redactor that it is given", () => {
    const other = createRedactor();
    other.register("0ther-fixture", { name: "other" });
    const once = redactDestination(new Sink(), redactor);
    expect(redactDestination(once, redactor)).toBe(once);
    redactDestination(once, other).write(`${value} 0ther-fixture`);
    expect(written).toEqual(["[REDACTED:db] [REDACTED:other]"]);
  });

  test("writes a fixed line when the redactor fails", () => {
    const fail = (): never => {
      throw new Error(value);
    };
    const redacted = redactDestination(new Writable({ write: keep }), { ...redactor, redactJson: fail, deep: fail });
    redacted.write(`${value}\n`);
    redacted.write(Buffer.from(value));
    expect(written).toEqual([unchecked, unchecked]);
  });

  test("continues with a destination whose method pino replaces after the reader has closed", () => {
    const sink = { write: (text: string): unknown => written.push(text) };
    const redacted = redactDestination(sink, redactor);
    sink.write = () => undefined;
    redacted.write(value);
    expect(written).toEqual([]);
  });

  test("is an instance of the destination's class, with its properties", () => {
    const redacted = redactDestination(process.stdout, redactor);
    expect(redacted).toBeInstanceOf(process.stdout.constructor);
    expect(redacted.constructor).toBe(process.stdout.constructor);
    expect("fd" in redacted && redacted.fd).toBe(process.stdout.fd);
  });
});

describe("pino's metadata", () => {
  const metadata = Symbol.for("pino.metadata");
  class Reader {
    readonly [metadata] = true;
    readonly seen: object[] = [];
    lastLevel = 0;
    lastTime = "";
    lastMsg: unknown;
    lastObj: unknown;
    lastLogger: unknown;
    write(text: string): void {
      const { lastLevel, lastTime, lastMsg, lastObj, lastLogger } = this;
      this.seen.push({ text, lastLevel, lastTime, lastMsg, lastObj, lastLogger });
    }
  }

  test.each([
    ["itself", (reader: Reader) => redactDestination(reader as DestinationStream, redactor)],
    ["in a multistream", (reader: Reader) => redactDestination(pino.multistream([{ stream: reader }]), redactor)],
    ["as a stream of one", (reader: Reader) => pino.multistream([{ stream: redactDestination(reader, redactor) }])],
  ])("reaches a destination masked and without the logger: %s", (_, wrap) => {
    const reader = new Reader();
    pino({ base: null, timestamp: () => ',"time":7' }, wrap(reader))
      .child({ value })
      .warn({ a: [value], b: 1 }, value);
    assertNoLeak(reader.seen);
    expect(reader.seen).toMatchObject([
      { lastLevel: 40, lastTime: "7", lastMsg: "[REDACTED:db]", lastObj: { a: ["[REDACTED:db]"], b: 1 } },
    ]);
    expect(reader.lastLogger).toBeUndefined();
  });

  test("is not copied for a multistream of which no stream reads it", () => {
    let copies = 0;
    const deep = <T>(given: T): T => {
      copies += 1;
      return given;
    };
    pino(options, redactDestination(pino.multistream([{ stream: new Sink() }]), { ...redactor, deep })).info({ value });
    expect(written).toHaveLength(1);
    expect(copies).toBe(0);
  });
});
