import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { expect, test, vi } from "vitest";
import {
  type Certificate,
  closing,
  type HttpFixture,
  type LocalServer,
  makeCertificate,
  openHttpFixture,
  rejection,
} from "../../../test/http-fixture.ts";
import type { HttpTls } from "./client.ts";

const path = { path: "/v1/x", headers: { "x-token": "s3cret-fixture" } };
const store = await makeCertificate();
const tls = (): { ca: string } => ({ ca: store.cert });

interface Proxy {
  readonly server: LocalServer;
  /** The requests that the proxy received, with their login; including those without CONNECT. */
  readonly asked: readonly string[];
  /** All bytes that clients sent unencrypted. */
  readonly read: () => string;
}

/** Starts a proxy that opens every tunnel, or answers CONNECT with the given text; with an empty text it does not answer. */
async function openProxy(
  fixture: HttpFixture,
  answer = "HTTP/1.1 200 OK\r\n\r\n",
  secured?: Certificate,
): Promise<Proxy> {
  const asked: string[] = [];
  const clear: string[] = [];
  const http = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end("{}");
  });
  http.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push([request.method, request.url, request.headers["proxy-authorization"]].filter(Boolean).join(" "));
    socket.on("error", () => undefined);
    if (answer !== "") socket.write(answer);
    if (!answer.includes(" 200 ")) return;
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect(Number(port), hostname.endsWith(".example") ? "127.0.0.1" : hostname);
    upstream.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.on("close", () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  const server = await fixture.serveRaw((socket) => {
    socket.on("data", (data) => clear.push(data.toString("latin1")));
    const wrapped = secured && new TLSSocket(socket, { isServer: true, ...secured }).on("error", () => undefined);
    http.emit("connection", wrapped ?? socket);
  });
  return { server, asked, read: () => clear.join("") };
}

test("the proxy of the environment is used only with `environment`", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serveSecurely(store, (_request, response) => void response.end("{}"));
  const plain = await fixture.serve((_request, response) => void response.end("{}"));
  const proxy = await openProxy(fixture);
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"]) {
    vi.stubEnv(name, proxy.server.url);
  }
  vi.stubEnv("NODE_USE_ENV_PROXY", "1");
  vi.stubEnv("NO_PROXY", "");
  try {
    await fixture.client({ ...server, tls }).request(path, fixture.context);
    await fixture.client(plain).request(path, fixture.context);
    expect(proxy.asked).toEqual([]);
    const asking = fixture.client({ url: `https://store.example:${server.port}`, tls, proxy: "environment" });
    await asking.request(path, fixture.context);
    expect(proxy.asked).toEqual([`CONNECT store.example:${server.port}`]);
    // This machine never uses the proxy.
    await fixture.client({ ...server, tls, proxy: "environment" }).request(path, fixture.context);
    expect(proxy.asked.length).toBe(1);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("a tunnel is reused, reveals only the host to the proxy, and sends the proxy's login", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serveSecurely(store, (request, response) => {
    response.end(JSON.stringify([request.headers["x-token"], request.headers["proxy-authorization"]]));
  });
  const proxy = await openProxy(fixture);
  const address = `http://user:p%40ss@127.0.0.1:${proxy.server.port}`;
  const client = fixture.client({ url: `https://store.example:${server.port}`, tls, proxy: address });
  for (let call = 0; call < 3; call += 1) {
    expect((await client.request(path, fixture.context)).json()).toEqual(["s3cret-fixture", null]);
  }
  for await (const _line of await client.stream({ ...path, idleTimeoutMs: 1000 }, fixture.context));
  await client.request(path, fixture.context);
  const login = `Basic ${Buffer.from("user:p@ss").toString("base64")}`;
  expect(proxy.asked).toEqual([`CONNECT store.example:${server.port} ${login}`]);
  expect(proxy.read()).not.toMatch(/s3cret|\/v1\/x/);
  await client.close();
  for (const socket of [...server.sockets, ...proxy.server.sockets]) await closing(socket);
});

test("an https proxy is verified with the same authorities", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serveSecurely(store, (_request, response) => void response.end("{}"));
  const local = await makeCertificate("localhost");
  const proxy = await openProxy(fixture, undefined, local);
  const address = `https://localhost:${proxy.server.port}`;
  const both = { ca: `${store.cert}\n${local.cert}` };
  const client = fixture.client({ ...server, tls: () => both, proxy: address });
  expect((await client.request(path, fixture.context)).status).toBe(200);
  expect(proxy.read()).not.toContain("CONNECT");
  const unknown = fixture.client({ ...server, tls: () => ({ verify: false }), proxy: address });
  expect(await rejection(unknown.request(path, fixture.context))).toMatchObject({ reason: "proxy" });
});

test("a store over http is also reached through a tunnel", async () => {
  await using fixture = openHttpFixture();
  const plain = await fixture.serve((_request, response) => void response.end("{}"));
  const proxy = await openProxy(fixture);
  const client = fixture.client({ ...plain, proxy: proxy.server.url });
  await client.request(path, fixture.context);
  expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${plain.port}`]);
});

test.each([
  ["asks for a login", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"],
  ["refuses the host", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"],
  ["does not reach the host", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"],
])("a proxy that %s is UNAVAILABLE, not a denial of the store", async (_what, answer) => {
  await using fixture = openHttpFixture();
  const server = await fixture.serveSecurely(store, (_request, response) => void response.end("{}"));
  const proxy = await openProxy(fixture, answer);
  const client = fixture.client({ ...server, tls, proxy: proxy.server.url });
  const error = await rejection(client.request(path, fixture.context));
  expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "proxy" });
  expect(server.connections).toBe(0);
});

test.each(["deadline", "abort", "close"])("a proxy that never answers ends at the %s", async (how) => {
  await using fixture = openHttpFixture();
  const proxy = await openProxy(fixture, "");
  const client = fixture.client({ url: "https://store.example", tls, proxy: proxy.server.url, connectTimeoutMs: 3000 });
  const failing = rejection(client.request(path, fixture.context));
  await expect.poll(() => proxy.asked).toEqual(["CONNECT store.example:443"]);
  const [socket] = proxy.server.sockets;
  if (how === "deadline") await fixture.clock.advance(3000);
  if (how === "abort") fixture.controller.abort(new Error("nobody waits"));
  if (how === "close") await client.close();
  const codes = { deadline: "UNAVAILABLE", abort: undefined, close: "CLOSED" };
  expect((await failing) as object).toEqual(
    expect.objectContaining(how === "abort" ? {} : { code: codes[how as "close"] }),
  );
  if (socket !== undefined) await closing(socket);
  expect(fixture.clock.armed).toBe(0);
});

test("an abort after the tunnel is open ends only its request", async () => {
  await using fixture = openHttpFixture();
  const asked = Promise.withResolvers<void>();
  const server = await fixture.serveSecurely(store, () => asked.resolve());
  const proxy = await openProxy(fixture);
  const client = fixture.client({ ...server, tls, proxy: proxy.server.url });
  const failing = rejection(client.request(path, fixture.context));
  await asked.promise;
  const reason = new Error("nobody waits");
  fixture.controller.abort(reason);
  expect(await failing).toBe(reason);
  for (const socket of [...server.sockets, ...proxy.server.sockets]) await closing(socket);
});

test("the store's certificate is verified through a proxy, too", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serveSecurely(store, (_request, response) => void response.end("{}"));
  const proxy = await openProxy(fixture);
  const { url: address } = proxy.server;
  const unknown = fixture.client({ ...server, proxy: address });
  const misnamed = fixture.client({ url: `https://other.example:${server.port}`, tls, proxy: address });
  for (const client of [unknown, misnamed]) {
    expect(await rejection(client.request(path, fixture.context))).toMatchObject({
      code: "UNAVAILABLE",
      reason: "tls",
    });
  }
});

test("invalid TLS material is an error behind a proxy, too, and is read again", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serveSecurely(store, (_request, response) => void response.end("{}"));
  const proxy = await openProxy(fixture);
  let key = "half a k";
  const own = (): HttpTls => ({ ca: store.cert, certificate: store.cert, key });
  const client = fixture.client({ ...server, tls: own, proxy: proxy.server.url });
  for (let call = 0; call < 2; call += 1) {
    expect(await rejection(client.request(path, fixture.context))).toMatchObject({
      code: "UNAVAILABLE",
      reason: "tls",
    });
  }
  key = store.key;
  expect((await client.request(path, fixture.context)).status).toBe(200);
  key = "half a k";
  for (let call = 0; call < 2; call += 1) {
    expect(await rejection(client.request(path, fixture.context))).toMatchObject({
      code: "UNAVAILABLE",
      reason: "tls",
    });
  }
});

test("a tunnel that breaks before the TLS handshake or within a response is an error", async () => {
  await using fixture = openHttpFixture();
  const proxy = await openProxy(fixture);
  const breaking = (): void => {
    for (const socket of proxy.server.sockets) socket.resetAndDestroy();
  };
  const deaf = await fixture.serveRaw(breaking);
  const server = await fixture.serveSecurely(store, (_request, response) => void response.write("half", breaking));
  for (const { port } of [deaf, server]) {
    const client = fixture.client({ url: `https://store.example:${port}`, tls, proxy: proxy.server.url });
    const error = await rejection(client.request(path, fixture.context));
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "connection-reset" });
  }
});

test("an absent proxy is UNAVAILABLE, one of another protocol INVALID_CONFIG", async () => {
  await using fixture = openHttpFixture();
  const absent = fixture.client({ url: "https://store.example", proxy: "http://127.0.0.1:1" });
  expect(await rejection(absent.request(path, fixture.context))).toMatchObject({
    code: "UNAVAILABLE",
    reason: "proxy",
  });
  const socks = fixture.client({ url: "https://store.example", proxy: "socks5://user:s3cret-fixture@127.0.0.1:1" });
  const error = await rejection(socks.request(path, fixture.context));
  expect(error).toMatchObject({ code: "INVALID_CONFIG", reason: "invalid" });
  expect(String(error)).not.toContain("s3cret");
});
