import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { ConsoleLogger } from "@nestjs/common";
import axios from "axios";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import winston from "winston";
import Transport from "winston-transport";
import { createRedactor } from "../redactor.ts";
import { redactLoggerService } from "./nest-logger.ts";
import { redactWinston } from "./winston.ts";

const value = "s3cret-fixture";
const redactor = createRedactor();
redactor.register(value, { name: "vault" });

let server: Server;
let refused: unknown;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(403, { "content-type": "application/json", "x-echo": value });
    response.end(JSON.stringify({ errors: [`token ${value} is not allowed`] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/kv?token=${value}`;
  const headers = { "x-vault-token": value };
  refused = await axios
    .post(url, { password: value }, { headers, auth: { username: "app", password: value }, params: { key: value } })
    .catch((error: unknown) => error);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A new one each time: winston writes its level and line into an error that is logged on its own. */
function axiosError(): Error {
  const error = refused as Error;
  return Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error)) as Error;
}

test("the error itself holds the value in many places", () => {
  expect(axios.isAxiosError(refused)).toBe(true);
  expect(inspect(refused, { depth: 9 }).split(value).length).toBeGreaterThan(8);
  expect(JSON.stringify(refused)).toContain(value);
});

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
    expect(text).not.toContain("s3cret");
    for (const info of infos) expect(inspect(info, { depth: 9, showHidden: true })).not.toContain("s3cret");
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
    expect(text).not.toContain("s3cret");
  });
});
