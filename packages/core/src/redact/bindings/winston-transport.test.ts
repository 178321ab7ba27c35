import { EventEmitter, once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import winston from "winston";
import Transport from "winston-transport";
import { createRedactor } from "../redactor.ts";
import { redactTransport } from "./winston-transport.ts";

const value = "s3cret-fixture";
const marker = "[REDACTED:db]";
const redactor = createRedactor();
redactor.register(value, { name: "db" });

const { format } = winston;
const message = Symbol.for("message");
type Info = Record<string | symbol, unknown>;

class Fields extends Transport {
  readonly infos: Info[] = [];
  override log(info: Info, next: () => void): void {
    this.infos.push(info);
    this.emit("logged", info);
    next();
  }
}

describe("redactTransport", () => {
  test("masks what a format of the transport itself printed, and the fields", () => {
    const fields = redactTransport(
      new Fields({ format: format.printf((info) => `${info.level} ${info.message} ${JSON.stringify(info.meta)}`) }),
      redactor,
    );
    winston.createLogger({ transports: [fields] }).info(value, { meta: { value } });
    expect(fields.infos[0]).toMatchObject({ message: marker, meta: { value: marker } });
    expect(fields.infos[0]?.[message]).toBe(`info ${marker} {"value":"${marker}"}`);
  });

  test("masks what the format of the logger printed", () => {
    const fields = redactTransport(new Fields(), redactor);
    winston.createLogger({ transports: [fields], format: format.json() }).error("x", new Error(value));
    expect(inspect(fields.infos, { depth: 9, showHidden: true })).not.toContain("s3cret");
    expect(JSON.parse(String(fields.infos[0]?.[message]))).toMatchObject({ message: `x ${marker}` });
  });

  test("gives back the transport, with its events, level, silence and place in the logger", () => {
    const fields = new Fields({ level: "warn", handleExceptions: false });
    const logged: unknown[] = [];
    fields.on("logged", (info) => logged.push(info));
    expect(redactTransport(fields, redactor)).toBe(fields);
    const logger = winston.createLogger({ transports: [fields] });
    logger.info(value);
    logger.warn(value);
    expect(logged).toEqual([expect.objectContaining({ level: "warn", message: marker })]);
    fields.silent = true;
    logger.error(value);
    logger.remove(fields);
    expect([fields.infos.length, logger.transports.length, Object.keys(fields).includes("log")]).toEqual([1, 0, false]);
  });

  test("leaves the infos for the other transports as they are", () => {
    const other = new Fields();
    const logger = winston.createLogger({ transports: [redactTransport(new Fields(), redactor), other] });
    logger.info(value, { meta: { value } });
    expect(other.infos[0]).toMatchObject({ message: value, meta: { value } });
  });

  test("masks what a file and a stream are written", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tacit-winston-"));
    const chunks: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk));
        done();
      },
    });
    const file = new winston.transports.File({ filename: "app.log", dirname: directory, format: format.json() });
    const logger = winston.createLogger({
      transports: [
        redactTransport(file, redactor),
        redactTransport(new winston.transports.Stream({ stream, format: format.simple() }), redactor),
      ],
    });
    for (let line = 0; line < 50; line++) logger.info(`${value} ${line}`, { value });
    const finished = once(file, "finish");
    logger.end();
    await finished;
    const lines = (await readFile(join(directory, "app.log"), "utf8")).trimEnd().split("\n");
    await rm(directory, { recursive: true });
    expect(lines).toHaveLength(50);
    expect(lines.map((line) => (JSON.parse(line) as Info).message)[49]).toBe(`${marker} 49`);
    expect(chunks).toHaveLength(50);
    expect(lines.join() + chunks.join()).not.toContain("s3cret");
  });

  test("masks every request of a batch", () => {
    const batches: { chunk: Info }[][] = [];
    const transport = new Transport({
      logv(requests: { chunk: Info; callback(): void }[], next) {
        batches.push(requests);
        for (const request of requests) request.callback();
        next();
      },
      log: () => undefined,
    });
    redactTransport(transport, redactor);
    const logger = winston.createLogger({ transports: [transport] });
    transport.cork();
    logger.info(value);
    logger.info("second", { value });
    transport.uncork();
    expect(batches.flat().map(({ chunk }) => chunk.message)).toEqual([marker, "second"]);
    expect(inspect(batches, { depth: 9, showHidden: true })).not.toContain("s3cret");
  });

  test("masks what a stream without log() is piped", () => {
    const infos: Info[] = [];
    const stream = new Writable({
      objectMode: true,
      write(info: Info, _encoding, done) {
        infos.push(info);
        done();
      },
    });
    const logger = winston.createLogger({ silent: false, transports: [new Fields()] });
    logger.pipe(redactTransport(stream, redactor));
    logger.info(value);
    expect(infos[0]).toMatchObject({ message: marker });
  });

  test("masks level, message and meta for a transport of the second major version", () => {
    const deprecated = vi.spyOn(console, "error").mockReturnValue();
    const calls: unknown[][] = [];
    class Old extends EventEmitter {
      readonly name = "old";
      log(level: string, text: string, meta: object, next: () => void): void {
        calls.push([level, text, meta]);
        next();
      }
    }
    const old = redactTransport(new Old(), redactor);
    expect(old.log).toHaveLength(4);
    const logger = winston.createLogger();
    logger.add(old as unknown as winston.transport);
    logger.info(value, { meta: value });
    deprecated.mockRestore();
    expect(calls).toEqual([["info", marker, expect.objectContaining({ message: marker, meta: marker })]]);
  });
});

describe("a transport that fails", () => {
  const throwing = (): never => {
    throw new Error(value);
  };

  test("is given a fixed line instead, and goes on with the next", () => {
    const lines: unknown[] = [];
    const transport = new Transport({
      log(info: Info, next) {
        if (info.refused !== undefined) throwing();
        lines.push(info[message]);
        next();
      },
    });
    const logger = winston.createLogger({
      transports: [redactTransport(transport, redactor)],
      format: format.simple(),
    });
    logger.info("first", { refused: value });
    logger.info(`second ${value}`);
    expect(lines).toEqual(['{"level":"error","message":"[REDACTED: could not be checked]"}', `info: second ${marker}`]);
  });

  test("is given fixed texts too, if it takes texts", () => {
    const chunks: unknown[] = [];
    const stream = {
      write(chunk: string): void {
        if (chunk.includes(marker)) throwing();
        chunks.push(chunk);
      },
    };
    redactTransport(stream, redactor).write(value);
    expect(chunks).toEqual(["[REDACTED: could not be checked]"]);
  });

  test("throws nothing into the code that logs, and warns with a masked error", () => {
    const warnings: unknown[] = [];
    const logger = winston.createLogger({ transports: [redactTransport(new Transport({ log: throwing }), redactor)] });
    logger.on("warn", (warning) => warnings.push(warning));
    logger.info(value);
    logger.info(value);
    expect(warnings.map((warning) => (warning as Error).message)).toEqual([marker, marker]);
  });

  test("warns of a promise that is rejected too, which would end the process", async () => {
    const transport = redactTransport(new Transport({ log: async () => throwing() }), redactor);
    const logger = winston.createLogger({ transports: [transport] });
    logger.info(value);
    const [warning] = (await once(logger, "warn")) as [Error];
    expect(warning.message).toBe(marker);
  });

  test("is not disturbed when it throws after it was done, nor by a listener that throws", () => {
    const transport = new Transport({
      log(_info, next) {
        next();
        throwing();
      },
    });
    const logger = winston.createLogger({ transports: [redactTransport(transport, redactor)] });
    logger.on("warn", throwing);
    logger.on("error", throwing);
    expect(() => logger.info(value)).not.toThrow();
  });

  test("tells a masked error if it fails later", () => {
    const errors: unknown[] = [];
    const transport = new Transport({ log: (_info, next: (error?: Error) => void) => next(new Error(value)) });
    const logger = winston.createLogger({ transports: [redactTransport(transport, redactor)] });
    logger.on("error", (error) => errors.push(error));
    logger.info("x");
    expect(errors).toEqual([expect.objectContaining({ message: marker })]);
  });
});
