import { PassThrough } from "node:stream";
import { declareSecrets } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import express, { type ErrorRequestHandler, type Express } from "express";
import morgan from "morgan";
import { pinoHttp } from "pino-http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serve, stopServers } from "../test/served.ts";
import { redactErrors, requestLog } from "./index.ts";

const declare = declareSecrets({ partner: { ref: "partner/token" } });
let printed: unknown[];

beforeEach(() => {
  printed = [];
  // where the final handler of Express prints
  vi.spyOn(console, "error").mockImplementation((...values) => void printed.push(...values));
});
afterEach(() => {
  vi.restoreAllMocks();
  stopServers();
});

function mock() {
  return mockSecrets({ "partner/token": "s3cret-fixture <81ce>" }, { declare });
}

/** In development, where Express shows stacks to everybody. */
function development(): Express {
  return express().set("env", "development");
}

test.each<[string, (token: string) => express.RequestHandler]>([
  [
    "throws",
    (token) => () => {
      throw new Error(`403 for ${token}`);
    },
  ],
  [
    "rejects",
    (token) => async () => {
      throw new Error("refused", { cause: new Error(`403 for ${token}`) });
    },
  ],
  ["passes on", (token) => (_request, _response, next) => next({ status: 403, message: token, stack: token })],
  [
    "throws a text",
    (token) => () => {
      throw token;
    },
  ],
])("the page and the log of Express show no value of what a route %s", async (_, toRoute) => {
  const secrets = mock();
  const application = development().get("/", toRoute(secrets.latest("partner").reveal()));
  application.use(redactErrors(secrets));
  const { url } = await serve(application);
  const response = await fetch(url);
  const page = await response.text();
  await expect.poll(() => printed).toHaveLength(1);
  expect(response.status).toBeGreaterThanOrEqual(403);
  assertNoLeak(page, printed);
});

test("an error after the head of the answer is masked too", async () => {
  const secrets = mock();
  const token = secrets.latest("partner").reveal();
  const application = development().get("/", (_request, response) => {
    response.write("begun");
    throw new Error(`403 for ${token}`);
  });
  application.use(redactErrors(secrets));
  const { url } = await serve(application);
  await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
  await expect.poll(() => printed).toHaveLength(1);
  assertNoLeak(printed);
});

test("handlers of a router and of a mounted application are covered by one middleware after them", async () => {
  const secrets = mock();
  const token = secrets.latest("partner").reveal();
  const seen: unknown[] = [];
  const answer: ErrorRequestHandler = (error, _request, response, _next) => {
    seen.push(error);
    response.status(502).json({ message: error.message });
  };
  const mounted = development().get("/", () => {
    throw new TypeError(`403 for ${token}`);
  });
  const router = express.Router().use("/mounted", mounted);
  const { url } = await serve(development().use(router).use(redactErrors(secrets), answer));
  const response = await fetch(`${url}/mounted`);
  expect([response.status, await response.json()]).toEqual([502, { message: "403 for [REDACTED:partner/token]" }]);
  expect(seen).toMatchObject([{ name: "TypeError" }]);
  assertNoLeak(seen);
});

test.each<[string, (stream: NodeJS.WritableStream) => express.RequestHandler]>([
  ["morgan", (stream) => morgan("combined", { stream })],
  ["pino-http", (stream) => pinoHttp({}, stream)],
])("a line of %s shows no token of an address, a referer or a user", async (_, toLogger) => {
  const secrets = mock();
  const token = secrets.latest("partner").reveal();
  const stdout = new PassThrough();
  const application = express().use(toLogger(requestLog(secrets, stdout)));
  application.get("/", (_request, response) => response.send("ok"));
  const { url } = await serve(application);
  const query = `?token=${encodeURIComponent(token)}`;
  const authorization = `Basic ${Buffer.from(`${token}:x`).toString("base64")}`;
  await fetch(`${url}/${query}`, { headers: { referer: `${url}/${query}`, authorization } });
  await expect.poll(() => stdout.readableLength).toBeGreaterThan(0);
  const line = String(stdout.read());
  expect(line).toContain("/?token=[REDACTED:partner/token]");
  assertNoLeak(line);
});

test("a line of pino-http tells which error failed a request, masked", async () => {
  const secrets = mock();
  const token = secrets.latest("partner").reveal();
  const stdout = new PassThrough();
  const application = development().use(pinoHttp({}, requestLog(secrets, stdout)));
  application.get("/", () => {
    throw new TypeError(`403 for ${token}`);
  });
  application.use(redactErrors(secrets));
  const { url } = await serve(application);
  await fetch(url);
  await expect.poll(() => stdout.readableLength).toBeGreaterThan(0);
  const { err } = JSON.parse(String(stdout.read())) as { err: unknown };
  expect(err).toMatchObject({ type: "TypeError", message: "403 for [REDACTED:partner/token]" });
});

test("a request logger that is given no destination writes to standard output, masked", async () => {
  const write = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  const secrets = mock();
  requestLog(secrets).write(`token=${secrets.latest("partner").reveal()}\n`);
  expect(write.mock.calls.map(([line]) => line)).toEqual(["token=[REDACTED:partner/token]\n"]);
});
