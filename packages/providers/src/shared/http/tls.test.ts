import type { ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import { closing, makeAuthority, makeCertificate, openHttpFixture, rejection } from "../../../test/http-fixture.ts";
import type { HttpTls } from "./client.ts";

const path = { path: "/x" };
const answer = (_request: unknown, response: ServerResponse): void => void response.end("{}");
const store = await makeCertificate("store.example");
const other = await makeCertificate("other.example");

test("trusts the given authorities", async () => {
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

test("trusts an intermediate certificate as an anchor, as in Go, but no other issuer", async () => {
  await using fixture = openHttpFixture();
  const root = await makeAuthority("root");
  const intermediate = await makeAuthority("intermediate", root);
  const leaf = await makeCertificate("store.example", intermediate);
  const chain = { cert: `${leaf.cert}\n${intermediate.cert}`, key: leaf.key };
  const { url } = await fixture.serveSecurely(chain, answer);
  const trusting = (ca: string) => fixture.client({ url, tls: () => ({ ca }) }).request(path, fixture.context);
  expect((await trusting(intermediate.cert)).status).toBe(200);
  expect((await trusting(root.cert)).status).toBe(200);
  const stranger = await makeAuthority("intermediate", await makeAuthority("root"));
  expect(await rejection(trusting(stranger.cert))).toMatchObject({ code: "UNAVAILABLE", reason: "tls" });
});

test.each<[string, HttpTls, string]>([
  ["authorities that hold no certificate", { ca: "s3cret-fixture" }, "`tls.ca` contains no certificate"],
  ["authorities that are empty", { ca: " \n" }, "`tls.ca` contains no certificate"],
  [
    "authorities that cannot be parsed",
    { ca: "-----BEGIN CERTIFICATE-----\ns3cret-fixture\n-----END CERTIFICATE-----" },
    "`tls.ca` cannot be read as certificates",
  ],
  [
    "authorities with a name of their own",
    { ca: "", names: { ca: "VAULT_CACERT" } },
    "`VAULT_CACERT` contains no certificate",
  ],
  [
    "a certificate that is none",
    { ca: store.cert, certificate: "s3cret-fixture", key: store.key },
    "`tls.certificate` cannot be read as a certificate",
  ],
  [
    "a key that is none",
    { ca: store.cert, certificate: store.cert, key: "s3cret-fixture" },
    "`tls.key` cannot be read",
  ],
  [
    "a key of another certificate",
    { ca: store.cert, certificate: store.cert, key: other.key, names: { key: "VAULT_CLIENT_KEY" } },
    "`VAULT_CLIENT_KEY` does not belong to `tls.certificate`",
  ],
])("the error names the option of %s", async (_what, tls, option) => {
  await using fixture = openHttpFixture();
  const { url } = await fixture.serveSecurely(store, answer);
  const error = (await rejection(fixture.client({ url, tls: () => tls }).request(path, fixture.context))) as Error;
  expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "tls" });
  expect(error.message).toContain(option);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("s3cret-fixture");
});

test("`serverName` allows a certificate for another name than the host", async () => {
  await using fixture = openHttpFixture();
  const { url } = await fixture.serveSecurely(store, answer);
  const client = fixture.client({ url, tls: () => ({ ca: store.cert, serverName: "store.example" }) });
  expect((await client.request(path, fixture.context)).status).toBe(200);
});

test("only the option disables verification, not the environment", async () => {
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

test("presents the client certificate, and the renewed one after a renewal", async () => {
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

test("changed certificates close idle connections immediately and busy ones after their request", async () => {
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

test("http to an https port, and https to an http port, are UNAVAILABLE", async () => {
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
