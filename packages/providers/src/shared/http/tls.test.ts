import type { ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import { expect, test, vi } from "vitest";
import { closing, makeCertificate, openHttpFixture, rejection } from "../../../test/http-fixture.ts";
import type { HttpTls } from "./client.ts";

const path = { path: "/x" };
const answer = (_request: unknown, response: ServerResponse): void => void response.end("{}");
const store = await makeCertificate("store.example");
const other = await makeCertificate("other.example");

test("trusts the authorities that it is given", async () => {
  await using fixture = openHttpFixture();
  const { url } = await fixture.serveSecurely(store, answer);
  for (const ca of [store.cert, Buffer.from(store.cert)]) {
    const client = fixture.client({ url, tls: () => ({ ca }) });
    expect((await client.request(path, fixture.context)).status).toBe(200);
  }
});

test.each<[string, HttpTls]>([
  ["an authority that nobody knows", {}],
  ["another authority", { ca: other.cert }],
  ["another name", { ca: store.cert, serverName: "vault.example" }],
  [
    "an authority that is no certificate",
    { ca: "-----BEGIN CERTIFICATE-----\ns3cret-fixture\n-----END CERTIFICATE-----" },
  ],
  ["a key that is none", { ca: store.cert, certificate: store.cert, key: "s3cret-fixture" }],
  ["a key of another certificate", { ca: store.cert, certificate: store.cert, key: other.key }],
])("refuses %s", async (_what, tls) => {
  await using fixture = openHttpFixture();
  const requests: unknown[] = [];
  const { url } = await fixture.serveSecurely(store, (request) => void requests.push(request));
  const error = await rejection(fixture.client({ url, tls: () => tls }).request(path, fixture.context));
  expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "tls" });
  expect(requests).toEqual([]);
});

test("the certificate may bear another name than the host, if that is said", async () => {
  await using fixture = openHttpFixture();
  const { url } = await fixture.serveSecurely(store, answer);
  const client = fixture.client({ url, tls: () => ({ ca: store.cert, serverName: "store.example" }) });
  expect((await client.request(path, fixture.context)).status).toBe(200);
});

test("only the option switches the checks off, never the environment", async () => {
  await using fixture = openHttpFixture();
  const { url } = await fixture.serveSecurely(store, answer);
  const unchecked = fixture.client({ url, tls: () => ({ verify: false }) });
  expect((await unchecked.request(path, fixture.context)).status).toBe(200);
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  try {
    const error = await rejection(fixture.client({ url }).request(path, fixture.context));
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "tls" });
  } finally {
    vi.unstubAllEnvs();
  }
});

test("shows its own certificate, and a renewed one from then on", async () => {
  await using fixture = openHttpFixture();
  const names: unknown[] = [];
  const options = { ...store, ca: [store.cert, other.cert], requestCert: true, rejectUnauthorized: true };
  const server = await fixture.serveSecurely(options, (request, response) => {
    names.push((request.socket as TLSSocket).getPeerCertificate().subject.CN);
    response.end("{}");
  });
  let own = store;
  const client = fixture.client({ ...server, tls: () => ({ ca: store.cert, certificate: own.cert, key: own.key }) });
  await client.request(path, fixture.context);
  await client.request(path, fixture.context);
  own = other;
  await client.request(path, fixture.context);
  expect(names).toEqual(["store.example", "store.example", "other.example"]);
  const none = fixture.client({ url: server.url, tls: () => ({ ca: store.cert }) });
  expect(await rejection(none.request(path, fixture.context))).toMatchObject({ code: "UNAVAILABLE" });
});

test("other certificates close idle connections at once and busy ones after their request", async () => {
  await using fixture = openHttpFixture();
  const held = Promise.withResolvers<ServerResponse>();
  const server = await fixture.serveSecurely(store, (request, response) => {
    if (request.url === "/held") held.resolve(response);
    else response.end("{}");
  });
  let ca = store.cert;
  const client = fixture.client({ ...server, tls: async () => ({ ca }) });
  const holding = client.request({ path: "/held" }, fixture.context);
  const response = await held.promise;
  await client.request(path, fixture.context);
  const [busy, idle] = server.sockets;
  ca = `${store.cert}\n${other.cert}`;
  await client.request(path, fixture.context);
  if (idle !== undefined) await closing(idle);
  expect(busy?.destroyed).toBe(false);
  response.end("{}");
  expect((await holding).status).toBe(200);
  if (busy !== undefined) await closing(busy);
  await client.request(path, fixture.context);
  expect(server.connections).toBe(3);
});

test("http on an https port, and https on an http port", async () => {
  await using fixture = openHttpFixture();
  const secure = await fixture.serveSecurely(store, answer);
  const plain = await fixture.serve(answer);
  const unencrypted = fixture.client({ url: secure.url.replace("https:", "http:") });
  expect(await rejection(unencrypted.request(path, fixture.context))).toMatchObject({ code: "UNAVAILABLE" });
  const encrypted = fixture.client({ url: plain.url.replace("http:", "https:") });
  expect(await rejection(encrypted.request(path, fixture.context))).toMatchObject({
    code: "UNAVAILABLE",
    reason: "tls",
  });
});
