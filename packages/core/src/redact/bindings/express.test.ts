import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import express, { type ErrorRequestHandler, type Express } from "express";
import morgan from "morgan";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { leakCheck } from "../../testing/leak-check.ts";
import { createRedactor, type Redactor } from "../redactor.ts";
import { redactExpressErrors } from "./express.ts";

// quotes and angle brackets for HTML, per cent and blanks for URLs
const value = `s3cret <fixture> & "4f9a1c" 100%`;
const token = "s3cret-fixture-token-81ce";
const { assertNoLeak } = leakCheck([value, token]);

let redactor: Redactor;
let server: Server | undefined;
let printed = "";

beforeEach(() => {
  redactor = createRedactor();
  redactor.register(value, { name: "db" });
  redactor.register(token, { name: "token" });
  printed = "";
  // Express prints what reaches its default handler
  vi.spyOn(console, "error").mockImplementation((...args: unknown[]) => {
    printed += `${args.join(" ")}\n`;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

async function ask(application: Express, path = "/", headers: Record<string, string> = {}): Promise<Response> {
  server = createServer(application).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`, { headers });
}

class NotFoundError extends Error {
  get status(): number {
    return 404;
  }
  get expose(): boolean {
    return true;
  }
  readonly headers = { "x-hint": `not ${token}` };
}

function failing(error: unknown, ...after: readonly ErrorRequestHandler[]): Express {
  const application = express();
  application.set("env", "development");
  application.get("/", () => {
    throw error;
  });
  application.use(redactExpressErrors(redactor), ...after);
  return application;
}

test.each([
  ["an Error", () => new Error(`no entry with ${value}`), 500],
  ["an Error with a cause", () => new Error("no entry", { cause: new Error(value) }), 500],
  ["an Error with a status", () => Object.assign(new Error(value), { statusCode: 503 }), 503],
  ["a string", () => value, 500],
  ["an object", () => ({ status: 418, message: value, stack: `at ${value}` }), 418],
])("the page and the log of Express show nothing of %s", async (_, error, status) => {
  const response = await ask(failing(error()));
  const page = await response.text();
  await expect.poll(() => printed).not.toBe("");
  expect(response.status).toBe(status);
  assertNoLeak(page, printed);
  if (!page.includes("no entry<br>")) expect(page).toContain("[REDACTED:db]");
});

test("without the middleware, errors show the value", async () => {
  const application = express();
  application.set("env", "development");
  application.get("/", () => {
    throw new Error(value);
  });
  const page = await (await ask(application)).text();
  await expect.poll(() => printed).not.toBe("");
  expect(() => assertNoLeak(page)).toThrow("sink 1");
  expect(() => assertNoLeak(printed)).toThrow("sink 1");
  assertNoLeak(redactor.redact(page), redactor.redact(printed));
});

test("an inherited status and inherited headers are sent, masked", async () => {
  const response = await ask(failing(new NotFoundError(`nothing at ${value}`)));
  expect(response.status).toBe(404);
  expect(response.headers.get("x-hint")).toBe("not [REDACTED:token]");
});

test("handlers after it get the masked copy", async () => {
  const seen: unknown[] = [];
  const handler: ErrorRequestHandler = (error, _request, response, _next) => {
    seen.push(error);
    response.status(error.status).json({ message: error.expose ? error.message : "failed" });
  };
  const response = await ask(failing(new NotFoundError(`nothing at ${value}`), handler));
  expect(await response.json()).toEqual({ message: "nothing at [REDACTED:db]" });
  expect(seen[0]).toBeInstanceOf(Error);
  assertNoLeak(seen[0]);
});

test("an error that cannot be read is replaced", async () => {
  const fail = (): never => {
    throw new Error(value);
  };
  const response = await ask(failing(new Proxy(new Error(value), { get: fail, getPrototypeOf: fail, has: fail })));
  expect(response.status).toBe(500);
  assertNoLeak(await response.text(), printed);
});

test("errors of Express itself keep their response", async () => {
  const application = express();
  application.set("env", "development");
  application.get("/:name", (request, response) => response.send(request.params.name));
  application.use(redactExpressErrors(redactor));
  const response = await ask(application, `/%ff${token}`);
  expect(response.status).toBe(400);
  assertNoLeak(await response.text(), printed);
});

test("morgan shows no token of a URL, a referer or a user", async () => {
  let log = "";
  const destination = new Writable({
    write(chunk, _encoding, done) {
      log += String(chunk);
      done();
    },
  });
  const application = express();
  application.use(morgan("combined", { stream: redactor.writable(destination) }));
  application.get("/", (_request, response) => response.send("ok"));
  const query = `?token=${encodeURIComponent(value)}`;
  const user = Buffer.from(`${token}:x-oauth-basic`).toString("base64");
  await ask(application, `/${query}`, { referer: `https://app.test/${query}`, authorization: `Basic ${user}` });
  await expect.poll(() => log).toContain("\n");
  assertNoLeak(log);
  expect(log).toMatch(
    /^\S+ - \[REDACTED:token\] \[.*\] "GET \/\?token=\[REDACTED:db\] HTTP\/1\.1" 200 2 ".*\[REDACTED:db\]"/,
  );
});
