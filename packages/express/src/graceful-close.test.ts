import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { declareSecrets } from "@tacit/core";
import { manualClock, mockSecrets } from "@tacit/core/testing";
import express from "express";
import { generate } from "selfsigned";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { type Served, serve, stopServers } from "../test/served.ts";
import { type GracefulCloseOptions, gracefulClose } from "./index.ts";

const declare = declareSecrets({ db: { ref: "db/primary" } });
const mock = () => mockSecrets({ "db/primary": "s3cret-fixture" }, { declare });
/** Never so much time passes by itself. */
const clock = manualClock();
const agent = new Agent({ keepAlive: true });

afterEach(() => {
  agent.destroy();
  stopServers();
});

interface Service extends Served {
  readonly secrets: ReturnType<typeof mock>;
  close(): Promise<void>;
}

async function start(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  options: GracefulCloseOptions = {},
): Promise<Service> {
  const secrets = mock();
  const application = express().get("/", listener);
  let close: () => Promise<void> = async () => undefined;
  const served = await serve(application, (server) => {
    close = gracefulClose(server, secrets, { clock, ...options });
  });
  return { ...served, secrets, close };
}

async function dial({ port }: Served, text = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

const requestText = "GET / HTTP/1.1\r\nhost: shop.test\r\n\r\n";

function isListening(server: Server): boolean {
  return server.listening;
}

test("a request in progress is answered, by a client of Tacit that is still open, and nothing new is taken", async () => {
  const arrived = Promise.withResolvers<ServerResponse>();
  const service = await start((_request, response) => arrived.resolve(response));
  const answer = once(get(service.url, { agent }), "response");
  const response = await arrived.promise;
  const closing = service.close();
  expect(isListening(service.server)).toBe(false);
  await expect(fetch(service.url)).rejects.toThrow();
  response.end(service.secrets.latest("db").meta.version);
  const [incoming] = (await answer) as [IncomingMessage];
  expect(incoming.headers.connection).toBe("close");
  await closing;
  expect(() => service.secrets.latest("db")).toThrow(expect.objectContaining({ code: "CLOSED" }));
});

test("connections that wait for a next request, or for their first, end at once", async () => {
  const service = await start((_request, response) => response.end("ok"));
  const first = await dial(service);
  const next = await dial(service, requestText);
  await once(next, "data");
  await service.close();
  await Promise.all([first, next].map((socket) => socket.closed || once(socket.resume(), "close")));
});

test("a connection of HTTPS that waits for its first request ends at once", async () => {
  const certificate = await generate([{ name: "commonName", value: "shop.test" }], {
    keyType: "ec",
    algorithm: "sha256",
  });
  const server = createTlsServer({ key: certificate.private, cert: certificate.cert });
  const close = gracefulClose(server, mock(), { clock });
  server.listen(0, "127.0.0.1");
  const arrived = once(server, "secureConnection");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await arrived;
  await close();
  if (!socket.closed) await once(socket.resume(), "close");
});

test("a request that was under way when closing began is answered", async () => {
  const service = await start((_request, response) => response.end("ok"));
  const seen = once(service.server, "connection");
  const socket = await dial(service, requestText.slice(0, 20));
  const [peer] = (await seen) as [Socket];
  if (peer.bytesRead === 0) await once(peer, "data");
  const closing = service.close();
  socket.write(requestText.slice(20));
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*connection: close\r\n/i);
  await closing;
});

test("a response that had promised to keep its connection alive ends it", async () => {
  const service = await start((_request, response) => void response.write("begun"));
  const arrived = once(service.server, "request");
  const socket = await dial(service, requestText);
  const [, response] = (await arrived) as [IncomingMessage, ServerResponse];
  await once(socket, "data");
  const closing = service.close();
  response.end("done");
  await once(socket.resume(), "close");
  await closing;
});

test("a large response reaches a slow client whole", async () => {
  const size = 16 * 1024 * 1024;
  const service = await start((_request, response) => response.end(Buffer.alloc(size)));
  const [response] = (await once(get(service.url, { agent }), "response")) as [IncomingMessage];
  const closing = service.close();
  let received = 0;
  for await (const chunk of response) received += (chunk as Buffer).length;
  expect(received).toBe(size);
  await closing;
});

test.each(["10 s", "10", Number.NaN, -1, null])(
  "a timeout of %j is refused, instead of cutting everything",
  (timeout) => {
    const error = { code: "INVALID_CONFIG", message: expect.stringContaining("`timeout` of gracefulClose") as string };
    expect(() => gracefulClose(createServer(), mock(), { timeout } as never)).toThrow(expect.objectContaining(error));
  },
);

test("requests that never end, and upgraded connections, are cut after the timeout", async () => {
  const service = await start(() => undefined, { timeout: "3s" });
  service.server.on("upgrade", (_request, socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  const arrived = once(service.server, "request");
  const stuck = await dial(service, requestText);
  await arrived;
  const upgraded = await dial(
    service,
    "GET / HTTP/1.1\r\nhost: shop.test\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
  );
  await once(upgraded, "data");
  const closing = service.close();
  await clock.advance(2_999);
  expect([stuck.destroyed, upgraded.destroyed]).toEqual([false, false]);
  await clock.advance(1);
  await closing;
  await Promise.all([stuck, upgraded].map((socket) => socket.closed || once(socket.resume(), "close")));
  expect(clock.armed).toBe(0);
});

test("each call gives the one promise of the end", async () => {
  const service = await start((_request, response) => response.end());
  expect(service.close()).toBe(service.close());
  await service.close();
});

test("a server that never listened closes its client", async () => {
  const secrets = mock();
  await gracefulClose(createServer(), secrets, { clock })();
  expect(secrets.health().status).toBe("closed");
});

test("a signal closes if it is asked to, and the same signal again does no harm", async () => {
  const before = process.listenerCount("SIGUSR2");
  await start((_request, response) => response.end());
  expect(process.listenerCount("SIGUSR2")).toBe(before);
  const service = await start((_request, response) => response.end(), { signals: ["SIGUSR2"] });
  process.emit("SIGUSR2", "SIGUSR2");
  process.emit("SIGUSR2", "SIGUSR2");
  expect(isListening(service.server)).toBe(false);
  await service.close();
  expect(service.secrets.health().status).toBe("closed");
  expect(process.listenerCount("SIGUSR2")).toBe(before);
});
