import { Writable } from "node:stream";
import { ConsoleLogger } from "@nestjs/common";
import type { AxiosError } from "axios";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import winston from "winston";
import Transport from "winston-transport";
import { refusedRequest } from "../../../test/refused-request.ts";
import { leakCheck } from "../../testing/leak-check.ts";
import { createRedactor } from "../redactor.ts";
import { redactLoggerService } from "./nest-logger.ts";
import { redactWinston } from "./winston.ts";

const value = "s3cret-fixture";
const redactor = createRedactor();
redactor.register(value, { name: "vault" });

const { assertNoLeak } = leakCheck([value]);
let refused: AxiosError;

beforeAll(async () => {
  refused = await refusedRequest(value);
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A new one each time: winston writes its level and line into an error that is logged on its own. */
function axiosError(): Error {
  return Object.create(Object.getPrototypeOf(refused), Object.getOwnPropertyDescriptors(refused)) as Error;
}

const { format } = winston;

describe.each([
  ["json", format.json()],
  ["json of errors", format.combine(format.errors({ stack: true, cause: true }), format.json())],
  ["simple", format.simple()],
  ["prettyPrint", format.prettyPrint({ depth: 9 })],
])("an error of axios through winston's %s", (_, printing) => {
  test("leaves no value in lines and fields", () => {
    let text = "";
    const infos: object[] = [];
    const fields = new Transport({
      log(info: object, next) {
        infos.push(info);
        next();
      },
    });
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    });
    const logger = winston.createLogger({
      format: format.combine(printing, redactWinston(redactor)),
      transports: [fields, new winston.transports.Stream({ stream })],
    });
    logger.error(axiosError());
    logger.error("refused", axiosError());
    logger.error("refused", { error: axiosError() });
    logger.error({ message: "refused", cause: new Error("wrapped", { cause: axiosError() }) });
    expect(infos).toHaveLength(4);
    expect(text.match(/refused|403/g)?.length).toBeGreaterThan(3);
    assertNoLeak(text, ...infos);
  });
});

describe.each([
  ["text", { colors: false, depth: 9 }],
  ["json", { json: true }],
])("an error of axios through a NestJS logger that prints %s", (_, options) => {
  test("leaves no value in the output", () => {
    let text = "";
    const write = (chunk: unknown): boolean => {
      text += String(chunk);
      return true;
    };
    vi.spyOn(process.stdout, "write").mockImplementation(write);
    vi.spyOn(process.stderr, "write").mockImplementation(write);
    const logger = redactLoggerService(new ConsoleLogger(options), redactor);
    logger.error(refused);
    logger.error("refused", refused, "Vault");
    logger.warn("refused", { error: refused }, "Vault");
    logger.fatal?.(new Error("refused", { cause: refused }));
    expect(text.match(/403/g)?.length).toBeGreaterThan(3);
    assertNoLeak(text);
  });
});
