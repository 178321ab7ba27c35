import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { format, inspect } from "node:util";
import axios from "axios";
import pino from "pino";
import { fetch as undiciFetch, request as undiciRequest } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leakCheck } from "../testing/leak-check.ts";
import { createRedactor } from "./redactor.ts";

const value = "s3cret-fixture&/+é";
const unregistered = "session-nobody-registered";
const redactor = createRedactor();
redactor.register(value, { name: "vault" });
const { assertNoLeak } = leakCheck([value, unregistered]);

let server: Server;
let port: number;
let refused: Error;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(403, { "content-type": "application/json", "set-cookie": `sid=${unregistered}` });
    response.end(JSON.stringify({ errors: [`token ${value} is not allowed`] }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  refused = await axiosError();
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function axiosError(): Promise<Error> {
  const headers = { "X-Vault-Token": Buffer.from(value).toString("base64"), "X-Raw": encodeURIComponent(value) };
  const error: unknown = await axios
    .post(
      `http://127.0.0.1:${port}/v1/kv?token=${encodeURIComponent(value)}`,
      { password: value },
      { headers, auth: { username: "app", password: value }, params: { key: value } },
    )
    .catch((reason: unknown) => reason);
  if (!axios.isAxiosError(error)) throw new Error("not refused");
  return error;
}

/** What printers make of an error. */
const printers: Record<string, (error: unknown) => string> = {
  "JSON.stringify": (error) => JSON.stringify(error),
  inspect: (error) => inspect(error, { depth: 10, showHidden: true, getters: true }),
  "console.error": (error) => format("failed: %s %o %O", error, error, error),
  "String and stack": (error) => `${error} ${(error as Error).stack}`,
  "pino's err": (error) => JSON.stringify(pino.stdSerializers.err(error as Error)),
  "pino's errWithCause": (error) => JSON.stringify(pino.stdSerializers.errWithCause(error as Error)),
  spreading: (error) => inspect({ ...(error as object) }, { depth: 10 }),
};

/** Ways to an error that can be printed. */
const ways: Record<string, (error: Error) => unknown> = {
  error: (error) => redactor.error(error),
  "error of its cause": (error) => redactor.error(new Error("sync failed", { cause: error })),
  "error of many": (error) => redactor.error(new AggregateError([error, error], "all failed")),
  deep: (error) => redactor.deep(error),
  "deep of what holds it": (error) => (redactor.deep({ list: [{ error }] }).list[0] as { error: Error }).error,
};

describe("an error of axios", () => {
  test("shows the value and other tokens, as it is", () => {
    expect(() => assertNoLeak(JSON.stringify(refused))).toThrow();
    expect(() => assertNoLeak(inspect(refused, { depth: 2 }))).toThrow();
    expect(inspect(refused, { depth: 10 })).toContain(unregistered);
  });

  describe.each(Object.entries(ways))("copied by %s", (_, copied) => {
    test.each(Object.entries(printers))("shows neither the value nor other tokens to %s", (_, print) => {
      const text = print(copied(refused));
      assertNoLeak(text);
      expect(text.length).toBeLessThan(20_000);
    });
  });

  test("keeps what tells of the failure", () => {
    const copy = redactor.error(refused);
    expect(copy).toMatchObject({
      name: "AxiosError",
      message: "Request failed with status code 403",
      code: "ERR_BAD_REQUEST",
      status: 403,
      isAxiosError: true,
    });
    expect(copy.stack).toMatch(/^AxiosError: Request failed with status code 403\n +at /);
    expect(Object.keys(copy)).not.toEqual(expect.arrayContaining([expect.stringMatching(/config|request|response/)]));
  });

  test("that never reached a server is copied without its settings too", async () => {
    const headers = { "X-Vault-Token": unregistered };
    const config = { headers, auth: { username: "app", password: value }, proxy: false as const };
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port: closedPort } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, "close");
    const error = await axios.get(`http://127.0.0.1:${closedPort}/`, config).catch((reason: unknown) => reason);
    const aborted = await axios
      .get(`http://127.0.0.1:${port}/`, { ...config, signal: AbortSignal.abort() })
      .catch((reason: unknown) => reason);
    for (const [one, code] of [
      [error, "ECONNREFUSED"],
      [aborted, "ERR_CANCELED"],
    ] as const) {
      const copy = redactor.error(one);
      expect(copy).toMatchObject({ code });
      for (const print of Object.values(printers)) assertNoLeak(print(copy));
    }
  });

  test("is copied in bounded time, and so are the sockets behind a response", () => {
    const { request, response } = refused as Error & { request: object; response: object };
    // Whoever follows each socket again from each request does not come to an end.
    for (const subject of [refused, request, response, { server, request }]) redactor.deep(subject);
    redactor.error(refused);
    leakCheck([value]).assertNoLeak(inspect(redactor.deep(response), { depth: 10 }));
  });
});

describe("an error of fetch", () => {
  const failures: Record<string, () => unknown> = {
    "an invalid URL": () => new URL(`postgres://app:${encodeURIComponent(value)}@host:port/`),
    "an invalid URL with a base": () => new URL(`//:${value}`, "http://host"),
    "a URL with credentials": () => fetch(`http://app:${encodeURIComponent(value)}@127.0.0.1:${port}/`),
    "a header that is not allowed": () => new Headers({ authorization: `Bearer ${value}\0` }),
    "a header of undici that is not allowed": () =>
      undiciFetch(`http://127.0.0.1:${port}/`, { headers: { authorization: `${value}\0` } }),
    "a host that does not answer": () => fetch(`http://127.0.0.1:1/?token=${encodeURIComponent(value)}`),
    "a host of undici that does not answer": () =>
      undiciRequest(`http://127.0.0.1:1/?token=${encodeURIComponent(value)}`),
    "JSON that is none": () => JSON.parse(`{"a":${value}}`),
  };

  test.each(Object.entries(failures))("about %s shows no value", async (_, fail) => {
    const error = await (async () => fail())().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    for (const copied of Object.values(ways)) {
      for (const print of Object.values(printers)) {
        const text = print(copied(error as Error));
        assertNoLeak(text);
        // what is left of it in an excerpt
        expect(text).not.toContain(value.slice(0, 8));
      }
    }
  });

  test("keeps what tells of the failure", async () => {
    const error: unknown = await fetch("http://127.0.0.1:1/").catch((reason: unknown) => reason);
    expect(redactor.error(error)).toMatchObject({
      name: "TypeError",
      message: "fetch failed",
      cause: expect.any(Error),
    });
    expect((redactor.error(error).cause as Error).message).toMatch(/bad port|ECONNREFUSED/);
  });
});

describe("an error of another client", () => {
  /** As got makes it: what it hangs on the error is not enumerable. */
  function gotError(): Error {
    const error = Object.assign(new Error(`Response code 403 for ${value}`), {
      code: "ERR_NON_2XX",
      timings: { start: 1 },
    });
    for (const [key, hidden] of Object.entries({
      options: { headers: { authorization: unregistered } },
      request: { _redirects: [] },
      response: { statusCode: 403, headers: { "set-cookie": unregistered } },
    })) {
      Object.defineProperty(error, key, { value: hidden });
    }
    return error;
  }
  /** As ky makes it. */
  function kyError(): Error {
    const request = new Request(`http://host/?t=${unregistered}`, {
      headers: { authorization: `Bearer ${unregistered}` },
    });
    const response = new Response(unregistered, { status: 403 });
    return Object.assign(new Error("Request failed"), { request, response, options: { headers: request.headers } });
  }

  test.each<[string, () => Error]>([
    ["got", gotError],
    ["ky", kyError],
  ])("such as %s keeps its status alone", (_, make) => {
    for (const copied of Object.values(ways)) {
      for (const print of Object.values(printers)) {
        const text = print(copied(make()));
        assertNoLeak(text);
      }
    }
    expect(redactor.error(make())).toMatchObject({ status: 403 });
  });

  test("that only looks like one, with settings or a name of a request, is copied whole", () => {
    const error = Object.assign(new Error("bad"), { config: { file: "a.json" }, request: "GET /", options: { a: 1 } });
    expect(redactor.error(error)).toMatchObject({ config: { file: "a.json" }, request: "GET /", options: { a: 1 } });
    expect(redactor.deep(error)).toBe(error);
  });
});
