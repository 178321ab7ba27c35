import axios from "axios";
import { expect, test } from "vitest";
import { openHttpFixture, rejection } from "../../../test/http-fixture.ts";

test("sends method, base path, filled template, query, headers and JSON", async () => {
  await using fixture = openHttpFixture();
  const seen: unknown[] = [];
  const server = await fixture.serve(async (request, response) => {
    const body = (await request.toArray()).join("");
    const { accept, "content-type": type, "x-token": token, "user-agent": agent } = request.headers;
    seen.push([request.method, request.url, accept, type, token, agent, body]);
    response.end("{}");
  });
  const client = fixture.client({ url: `${server.url}/base/`, application: "orders" });
  const path = { path: "/v1/{+mount}/data/{name}", values: { mount: "team/kv", name: "a b" } };
  await client.request(
    { ...path, method: "POST", query: { list: true, none: undefined }, headers: { "X-Token": "t" }, json: { a: 1 } },
    fixture.context,
  );
  await client.request(
    { path: "/raw", method: "PUT", body: "x", headers: { "content-type": "text/plain" } },
    fixture.context,
  );
  await client.request({ path: "/none", method: "POST" }, fixture.context);
  const agent = "tacit/0.0.0 orders";
  expect(seen).toEqual([
    ["POST", "/base/v1/team/kv/data/a%20b?list=true", "application/json", "application/json", "t", agent, '{"a":1}'],
    ["PUT", "/base/raw", "application/json", "text/plain", undefined, agent, "x"],
    ["POST", "/base/none", "application/json", undefined, undefined, agent, ""],
  ]);
});

test("returns status, headers and the exact bytes", async () => {
  await using fixture = openHttpFixture();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const server = await fixture.serve((_request, response) => {
    response.writeHead(201, { etag: '"7"', "set-cookie": ["a=1", "b=2"] }).end(bytes);
  });
  const answer = await fixture.client(server).request({ path: "/" }, fixture.context);
  expect([answer.status, answer.header("ETag"), answer.header("set-cookie")]).toEqual([201, '"7"', "a=1, b=2"]);
  expect(answer.header("x-none")).toBeUndefined();
  expect(answer.bytes()).toEqual(new Uint8Array(bytes));
  expect(answer.bytes().buffer.byteLength).toBe(256);
});

test.each([
  [400, "INTERNAL", "unexpected-status"],
  [401, "UNAUTHENTICATED", undefined],
  [403, "PERMISSION_DENIED", undefined],
  [404, "INTERNAL", "unexpected-status"],
  [408, "UNAVAILABLE", "server-error"],
  [429, "THROTTLED", undefined],
  [500, "UNAVAILABLE", "server-error"],
  [503, "UNAVAILABLE", "server-error"],
  [599, "UNAVAILABLE", "server-error"],
])("turns %i into %s", async (status, code, reason) => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => {
    response.writeHead(status, { "retry-after": "7", "x-request-id": "0f8fad5b-d9cb-469f-a165-70867728950e" });
    response.end("s3cret-fixture");
  });
  const path = { path: "/v1/{+path}", values: { path: "db/primary" } };
  const error = await rejection(fixture.client(server).request(path, fixture.context));
  expect(error).toMatchObject({ code, retryAfterMs: 7000, message: expect.stringContaining(`with ${status}`) });
  expect(error).toMatchObject({ message: expect.stringMatching(/^GET 127\.0\.0\.1:\d+\/v1\/\{\+path\} /) });
  expect((error as { reason?: string }).reason).toBe(reason);
  expect(error).toMatchObject({ cause: { status, requestId: "0f8fad5b-d9cb-469f-a165-70867728950e" } });
});

test("returns accepted statuses as responses, with their error", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.writeHead(404).end('{"errors":[]}'));
  const answer = await fixture.client(server).request({ path: "/x", accept: [304, 404] }, fixture.context);
  expect(answer.status).toBe(404);
  expect(answer.json()).toEqual({ errors: [] });
  expect(answer.failure()).toMatchObject({ code: "INTERNAL", reason: "unexpected-status" });
});

test("follows no redirect, and reports only its host", async () => {
  await using fixture = openHttpFixture();
  const other = await fixture.serve((_request, response) => void response.end("{}"));
  const server = await fixture.serve((_request, response) => {
    response.writeHead(307, { location: `${other.url}/v1/x?token=s3cret-fixture` }).end();
  });
  const client = fixture.client(server);
  const error = await rejection(client.request({ path: "/x" }, fixture.context));
  expect(error).toMatchObject({ code: "INTERNAL", reason: "redirect", cause: { status: 307 } });
  expect(String(error)).toContain(`with 307, a redirect to 127.0.0.1:${other.port}, which`);
  const answer = await client.request({ path: "/x", accept: [307] }, fixture.context);
  expect(answer.redirectOrigin).toBe(other.url);
  const relative = await fixture.serve((_request, response) => void response.writeHead(301, { location: "/x/" }).end());
  const toItself = await rejection(fixture.client(relative).request({ path: "/x" }, fixture.context));
  expect(toItself).toMatchObject({ code: "INTERNAL", reason: "redirect" });
  expect(other.connections).toBe(0);
});

test("ignores the defaults and interceptors of axios in the application", async () => {
  await using fixture = openHttpFixture();
  const seen: unknown[] = [];
  const server = await fixture.serve((request, response) => {
    seen.push([request.url, request.headers.authorization]);
    response.end("{}");
  });
  axios.defaults.headers.common.Authorization = "Bearer of-the-application";
  axios.defaults.baseURL = "http://127.0.0.1:1";
  const interceptor = axios.interceptors.request.use((config) => {
    seen.push("intercepted");
    return config;
  });
  try {
    await fixture.client(server).request({ path: "/x", headers: { "x-token": "s3cret-fixture" } }, fixture.context);
  } finally {
    axios.interceptors.request.eject(interceptor);
    delete axios.defaults.headers.common.Authorization;
    delete axios.defaults.baseURL;
  }
  expect(seen).toEqual([["/x", undefined]]);
});

test("a closed client throws CLOSED, and can be closed twice", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.end("{}"));
  const client = fixture.client(server);
  await client.request({ path: "/x" }, fixture.context);
  await Promise.all([client.close(), client.close()]);
  expect(await rejection(client.request({ path: "/x" }, fixture.context))).toMatchObject({ code: "CLOSED" });
  const unused = fixture.client(server);
  await unused.close();
  expect(await rejection(unused.stream({ path: "/x", idleTimeoutMs: 1 }, fixture.context))).toMatchObject({
    code: "CLOSED",
  });
});
