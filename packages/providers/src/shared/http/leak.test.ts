import { inspect } from "node:util";
import { leakCheck } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { makeCertificate, openHttpFixture, rejection } from "../../../test/http-fixture.ts";
import type { HttpClientOptions } from "./client.ts";

const token = "s3cret-fixture-of-a-header";
const query = "s3cret-fixture-of-a-query";
const value = "s3cret-fixture-of-a-value";
const sent = "s3cret-fixture-of-a-body";
const answered = "s3cret-fixture-of-an-answer";
const leaks = leakCheck([token, query, value, sent, answered]);
const certificate = await makeCertificate();

const request = {
  method: "POST",
  path: "/v1/{name}",
  values: { name: value },
  query: { q: query },
  headers: { authorization: `Bearer ${token}`, "x-vault-token": token },
  json: { sent },
  replayable: true,
} as const;

/** Returns all text that printing an error can show. */
function printed(error: unknown): string {
  const parts = [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), String(error)];
  for (let one = error; one instanceof Error; one = one.cause) parts.push(one.message, one.stack ?? "");
  return parts.join("\n");
}

test.each<[string, string, Partial<HttpClientOptions>]>([
  [
    "a denial that quotes the request",
    `HTTP/1.1 403 ${answered}\r\nX-Request-Id: ${token}\r\nContent-Length: 28\r\n\r\n${answered}`,
    {},
  ],
  [
    "a redirect to itself with a token",
    `HTTP/1.1 302 Found\r\nLocation: https://${answered}@a.example/${token}?t=${token}\r\nContent-Length: 0\r\n\r\n`,
    {},
  ],
  ["an answer that is no HTTP", `${answered}\r\n\r\n`, {}],
  ["a header that cannot be", `HTTP/1.1 200 OK\r\n${answered} : x\r\n\r\n`, {}],
  ["half an answer", `HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n${answered}`, {}],
  ["no TLS", answered, { url: "https:" }],
])("the error of %s contains no secret", async (_what, answer, options) => {
  await using fixture = openHttpFixture();
  const server = await fixture.serveRaw((socket) => void socket.once("data", () => socket.end(answer)));
  const url = options.url === undefined ? server.url : server.url.replace("http:", options.url);
  const error = await rejection(fixture.client({ url }).request(request, fixture.context));
  expect(inspect(error)).toContain("SecretError");
  leaks.assertNoLeak(printed(error), error);
});

test("the errors of a refused connection, a deadline and a refused certificate contain no secret", async () => {
  await using fixture = openHttpFixture();
  const silent = await fixture.serveRaw((socket) => void socket.resume());
  const secure = await fixture.serveSecurely(certificate, (_request, response) => void response.end(answered));
  const waiting = rejection(fixture.client(silent).request(request, fixture.context));
  const refused = await rejection(fixture.client({ url: "http://127.0.0.1:1" }).request(request, fixture.context));
  const untrusted = await rejection(fixture.client(secure).request(request, fixture.context));
  await fixture.clock.advance(60_000);
  for (const error of [refused, untrusted, await waiting]) leaks.assertNoLeak(printed(error), error);
});

test("printing a response shows only its status", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.setHeader("x-t", token).end(answered));
  const client = fixture.client(server);
  const answer = await client.request(request, fixture.context);
  const lines = await client.stream({ ...request, idleTimeoutMs: 1000 }, fixture.context);
  expect(JSON.stringify([answer, lines])).toBe('[{"status":200},{"status":200}]');
  leaks.assertNoLeak(printed(answer), printed(lines), printed(client));
  lines.close();
});

test("the errors of requests refused before they are sent contain no secret", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.end());
  const client = fixture.client(server);
  const broken = [
    { ...request, headers: { "x-token": `${token}\r\nX-Other: 1` } },
    { ...request, values: { name: `../${value}` } },
    { ...request, query: { q: `${query}\ud800` } },
  ];
  for (const one of broken) leaks.assertNoLeak(printed(await rejection(client.request(one, fixture.context))));
  expect(server.connections).toBe(0);
});
