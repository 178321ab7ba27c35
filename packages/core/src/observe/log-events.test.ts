import { Console } from "node:console";
import { Writable } from "node:stream";
import { ConsoleLogger } from "@nestjs/common";
import { pino } from "pino";
import { afterEach, describe, expect, test, vi } from "vitest";
import winston from "winston";
import { declaredClient, nextPoll } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { type EventLogger, type LogEventsOptions, logEvents } from "./log-events.ts";

const value = "s3cret-fixture-7f3a";
const changed = '"db" has a new value from provider "store"';
const refused = 'the value of "db" was refused: `accept` returned false (REFUSED/declined)';
const ready = '1 secret is ready: 1 from "store"';

/** Keeps what is written to it. */
class Lines extends Writable {
  text = "";
  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }

  get objects(): readonly Record<string, unknown>[] {
    return this.text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }
}

/** Lets a client start, rotate and refuse a value, while its events are logged. */
async function logged(logger: EventLogger, options?: LogEventsOptions) {
  const accept = (next: { reveal(): string }): boolean => !next.reveal().endsWith("bad");
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", accept } }));
  const stop = logEvents(secrets, logger, options);
  store.set("db", value);
  await secrets.ready();
  store.set("db", `${value}-2`);
  await nextPoll({ clock });
  store.set("db", `${value}-bad`);
  await nextPoll({ clock });
  stop();
  store.remove("db");
  await nextPoll({ clock });
  await secrets.close();
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("events are logged", () => {
  test("by pino with their facts and their message", async () => {
    const lines = new Lines();
    await logged(pino({ base: null, timestamp: false }, lines));
    const version = expect.any(String);
    expect(lines.objects).toEqual([
      { level: 30, tacit: { type: "ready", secrets: { store: 1 }, absent: 0 }, msg: ready },
      {
        level: 30,
        tacit: { type: "change", reference: "db", version, provider: "store", reason: "rotated" },
        msg: changed,
      },
      {
        level: 40,
        tacit: expect.objectContaining({ type: "refused", reference: "db", reason: "declined" }),
        msg: refused,
      },
      { level: 40, tacit: expect.objectContaining({ type: "error", served: true }), msg: expect.any(String) },
    ]);
    expect(lines.text).not.toContain(value);
  });

  test("by pino by its level at the time of the event", async () => {
    const lines = new Lines();
    const logger = pino({ level: "silent" }, lines);
    const { secrets, store } = declaredClient(declareSecrets({ db: { ref: "db" } }));
    logEvents(secrets, logger);
    logger.level = "info";
    store.set("db", value);
    await secrets.ready();
    expect(lines.objects).toMatchObject([{ msg: ready }]);
  });

  test.each([
    ["npm", winston.config.npm.levels, "warn"],
    ["syslog", winston.config.syslog.levels, "warning"],
  ])("by winston with the levels of %s", async (_name, levels, warn) => {
    const lines = new Lines();
    const transports = [new winston.transports.Stream({ stream: lines })];
    await logged(winston.createLogger({ levels, transports, format: winston.format.json() }));
    expect(lines.objects).toMatchObject([
      { level: "info", message: ready, tacit: { type: "ready" } },
      { level: "info", message: changed, tacit: { type: "change" } },
      { level: warn, message: refused, tacit: { type: "refused", reference: "db" } },
      { level: warn, tacit: { type: "error" } },
    ]);
    expect(lines.text).not.toContain(value);
  });

  test("by the console on one line each", async () => {
    const [out, err] = [new Lines(), new Lines()];
    await logged(new Console(out, err));
    expect(out.text).toBe(`tacit: ${ready}\ntacit: ${changed}\n`);
    expect(err.text).toBe(`tacit: ${refused}\ntacit: ${refused}; its last good value is served\n`);
  });

  test("by a logger of NestJS under the context Tacit", async () => {
    let text = "";
    const write = (chunk: unknown): boolean => {
      text += String(chunk);
      return true;
    };
    vi.spyOn(process.stdout, "write").mockImplementation(write);
    vi.spyOn(process.stderr, "write").mockImplementation(write);
    await logged(new ConsoleLogger({ colors: false }));
    vi.restoreAllMocks();
    expect(text).toMatch(/ {5}LOG \[Tacit\] 1 secret is ready/);
    expect(text).toMatch(/ {4}WARN \[Tacit\] the value of "db" was refused/);
    expect(text).not.toContain(value);
  });

  test("from the chosen level up", async () => {
    const [warn, debug] = [new Lines(), new Lines()];
    await logged(pino({ level: "debug" }, warn), { level: "warn" });
    expect(warn.objects.map(({ level }) => level)).toEqual([40, 40]);
    await logged(pino({ level: "debug" }, debug), { level: "debug" });
    expect(debug.objects).toContainEqual(
      expect.objectContaining({ level: 20, msg: '"db" was loaded from provider "store"' }),
    );
  });
});

describe("an invalid argument of logEvents", () => {
  const { secrets } = declaredClient(declareSecrets({}));

  test.each<[string, unknown, unknown, string]>([
    ["no logger", undefined, {}, "the logger of logEvents has no method `info`"],
    ["a logger without a method", { info() {}, error() {} }, {}, "the logger of logEvents has no method `warn`"],
    ["a level that does not exist", console, { level: "warning" }, "`level` of logEvents must be"],
    ["an unknown option", console, { levels: "warn" }, 'logEvents has no option "levels"; did you mean "level"?'],
  ])("%s is refused", (_what, logger, options, message) => {
    const refusal = { code: "INVALID_CONFIG", reason: "option", message: expect.stringContaining(message) };
    expect(() => logEvents(secrets, logger as EventLogger, options as LogEventsOptions)).toThrow(
      expect.objectContaining(refusal),
    );
  });

  test("a logger that throws does not affect other listeners", async () => {
    const error = vi.fn();
    const fail = (): never => {
      throw new Error(value);
    };
    await logged({ info: fail, warn: fail, error });
    expect(error).toHaveBeenCalledWith('a listener of "ready" failed with Error', expect.anything());
    expect(JSON.stringify(error.mock.calls)).not.toContain(value);
  });
});
