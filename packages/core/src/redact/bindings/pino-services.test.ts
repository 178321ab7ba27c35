import { once } from "node:events";
import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import fastify, { type FastifyServerOptions } from "fastify";
import { type DestinationStream, pino } from "pino";
import { pinoHttp } from "pino-http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refusedRequest } from "../../../test/refused-request.ts";
import { leakCheck } from "../../testing/leak-check.ts";
import { createRedactor, redactDestination, redactPino } from "../index.ts";

const value = "s3cret-fixture";
const { assertNoLeak } = leakCheck([value]);
const redactor = createRedactor();
redactor.register(value, { name: "vault" });

let written: string[];
let stop: () => void = () => undefined;
const stream: DestinationStream = { write: (line) => void written.push(line) };

beforeEach(() => {
  written = [];
});
afterEach(() => stop());

/** Sends the value in the path, the query and a header, and waits until the exchange is over. */
async function ask(listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  stop = () => server.close();
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${value}`, connection: "close" };
  const [response] = await once(request({ port, path: `/${value}?token=${value}`, headers }).end(), "response");
  await once(response.resume(), "close");
}

const records = () => {
  assertNoLeak(written.join(""));
  return written.map((line) => JSON.parse(line));
};

describe("pino-http", () => {
  test.each<[string, () => ReturnType<typeof pinoHttp>]>([
    [
      "with redactPino's options",
      () => pinoHttp(redactPino({ customProps: () => ({ tenant: value }) }, redactor), stream),
    ],
    ["over a logger of redactPino", () => pinoHttp({ logger: pino(redactPino({}, redactor), stream) })],
    ["over a redactDestination", () => pinoHttp({ stream: redactDestination(stream, redactor) })],
    [
      "over a redacted multistream",
      () => pinoHttp({}, redactDestination(pino.multistream([{ stream }, { stream }]), redactor)),
    ],
  ])("prints no value of a request, its response or their error: %s", async (_, create) => {
    const log = create();
    await ask((incoming, outgoing) => {
      log(incoming, outgoing);
      incoming.log.info({ body: { password: value } }, `handling ${value}`);
      outgoing.setHeader("x-echo", value);
      outgoing.err = new Error(`no ${value}`);
      outgoing.statusCode = 500;
      outgoing.end();
    });
    const all = records();
    expect(all.find(({ msg }) => msg === "handling [REDACTED:vault]")).toMatchObject({
      req: { url: "/[REDACTED:vault]?token=[REDACTED:vault]", headers: { authorization: "Bearer [REDACTED:vault]" } },
      body: { password: "[REDACTED:vault]" },
    });
    expect(all.find(({ msg }) => msg === "request errored")).toMatchObject({
      res: { headers: { "x-echo": "[REDACTED:vault]" } },
      err: { message: "no [REDACTED:vault]" },
    });
  });
});

describe("Fastify", () => {
  test.each<[string, FastifyServerOptions]>([
    ["logger", { logger: redactPino({ stream }, redactor) }],
    ["loggerInstance", { loggerInstance: pino(redactPino({}, redactor), stream) }],
    ["stream", { logger: { stream: redactDestination(stream, redactor) } }],
  ])("prints no value of a request, its response or their error, given a %s", async (_, options) => {
    const app = fastify(options);
    app.get("/:id", async ({ log, query }) => {
      log.info({ query }, "handling");
      throw new Error(`no ${value}`, { cause: { value } });
    });
    await app.inject({ path: `/${value}?token=${value}`, headers: { authorization: value } });
    await app.close();
    const all = records();
    expect(all.find(({ msg }) => msg === "incoming request")).toMatchObject({
      req: { url: "/[REDACTED:vault]?token=[REDACTED:vault]" },
    });
    expect(all.find(({ msg }) => msg === "handling")).toMatchObject({ query: { token: "[REDACTED:vault]" } });
    expect(all.find(({ level }) => level === 50)).toMatchObject({ err: { message: "no [REDACTED:vault]" } });
  });
});

describe("an AxiosError with the token in its header, query, body and answer", () => {
  test("prints it many times through pino alone", async () => {
    pino({}, stream).error(await refusedRequest(value));
    expect(written.join("").split(value).length).toBeGreaterThan(15);
  });

  test.each<[string, pino.Logger]>([
    ["redactPino", pino(redactPino({}, redactor), stream)],
    ["redactDestination", pino({}, redactDestination(stream, redactor))],
    [
      "the mere inspection of redactPino",
      pino(redactPino({ serializers: { err: (error) => error } }, redactor), stream),
    ],
  ])("prints it nowhere as it is through %s", async (_, logger) => {
    const error = await refusedRequest(value);
    logger.error(error);
    logger.error({ error, list: [error.toJSON()] }, "refused: %o", error.config ?? {});
    logger.child({ err: error }).error(new Error("not read", { cause: error }), "refused: %j", error.toJSON());
    logger.error(new AggregateError([error], `both ${error.request?.path}`));
    expect(written).toHaveLength(4);
    for (const line of written) {
      expect(line).not.toContain(value);
      expect(JSON.parse(line)).toMatchObject({ level: 50 });
    }
  });
});
