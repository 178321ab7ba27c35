import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { closing, type HttpFixture, type LocalServer, openHttpFixture, rejection } from "../../../test/http-fixture.ts";

const head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";

/** Starts a server that never responds; `asked` is the first connection that sends data. */
async function silent(fixture: HttpFixture): Promise<{ server: LocalServer; url: string; asked: Promise<Socket> }> {
  const { promise: asked, resolve } = Promise.withResolvers<Socket>();
  const server = await fixture.serveRaw((socket) => void socket.once("data", () => resolve(socket)));
  return { server, url: server.url, asked };
}

test("a connection that is not established ends at the connect deadline", async () => {
  await using fixture = openHttpFixture();
  // The server accepts the connection, but does not answer the TLS handshake.
  const { server, url, asked } = await silent(fixture);
  const client = fixture.client({ url: url.replace("http:", "https:"), connectTimeoutMs: 3000 });
  const failing = rejection(client.request({ path: "/x" }, fixture.context));
  await asked;
  await fixture.clock.advance(2999);
  expect(server.sockets.size).toBe(1);
  await fixture.clock.advance(1);
  expect(await failing).toMatchObject({ code: "UNAVAILABLE", reason: "timeout" });
  expect(String(await failing)).toContain("got no connection within 3000 ms");
  expect(fixture.clock.armed).toBe(0);
});

test("a server that does not respond to a request ends at the idle deadline", async () => {
  await using fixture = openHttpFixture();
  const { url, asked } = await silent(fixture);
  const failing = rejection(fixture.client({ url, idleTimeoutMs: 2000 }).request({ path: "/x" }, fixture.context));
  const socket = await asked;
  await fixture.clock.advance(2000);
  expect(await failing).toMatchObject({ code: "UNAVAILABLE", reason: "timeout" });
  await closing(socket);
  expect(fixture.clock.armed).toBe(0);
});

test("bytes of an incomplete head do not extend the idle deadline", async () => {
  await using fixture = openHttpFixture();
  const { url, asked } = await silent(fixture);
  const failing = rejection(fixture.client({ url, idleTimeoutMs: 2000 }).request({ path: "/x" }, fixture.context));
  const socket = await asked;
  socket.write("HTTP/1.1 200 OK\r\nX-A: ");
  await fixture.clock.advance(1999);
  socket.write("1");
  await fixture.clock.advance(1);
  expect(await failing).toMatchObject({ code: "UNAVAILABLE", reason: "timeout" });
});

test("a head without an end is aborted", async () => {
  await using fixture = openHttpFixture();
  const { url, asked } = await silent(fixture);
  const failing = rejection(fixture.client({ url }).request({ path: "/x" }, fixture.context));
  const socket = await asked;
  socket.write("HTTP/1.1 200 OK\r\n");
  for (let line = 0; line < 100; line += 1) socket.write(`X-${line}: ${"x".repeat(1000)}\r\n`);
  expect(await failing).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
});

test("a slow endless body ends at the answer deadline", async () => {
  await using fixture = openHttpFixture();
  const { url, asked } = await silent(fixture);
  const client = fixture.client({ url, idleTimeoutMs: 60_000, answerTimeoutMs: 5000 });
  const failing = rejection(client.request({ path: "/x" }, fixture.context));
  const socket = await asked;
  socket.write(head);
  for (let second = 0; second < 5; second += 1) {
    socket.write("x");
    await fixture.clock.advance(1000);
  }
  expect(String(await failing)).toContain("was not answered in full within 5000 ms");
  await closing(socket);
  expect(fixture.clock.armed).toBe(0);
});

test("an abort rejects with its reason, in every phase, and closes the connection", async () => {
  for (const phase of ["", "HTTP/1.1 200 OK\r\n", `${head}part`]) {
    await using fixture = openHttpFixture();
    const { url, asked } = await silent(fixture);
    const failing = rejection(fixture.client({ url }).request({ path: "/x" }, fixture.context));
    const socket = await asked;
    if (phase !== "") socket.write(phase);
    await fixture.clock.flush();
    const reason = new Error("nobody waits");
    fixture.controller.abort(reason);
    expect(await failing).toBe(reason);
    await closing(socket);
    expect(fixture.clock.armed).toBe(0);
  }
});

test.each(["deadline", "abort", "close"])("a %s while the body of an error is read", async (how) => {
  await using fixture = openHttpFixture();
  const { url, asked } = await silent(fixture);
  const client = fixture.client({ url, idleTimeoutMs: 2000 });
  const failing = rejection(client.request({ path: "/x" }, fixture.context));
  const socket = await asked;
  socket.write(head.replace("200 OK", "401 Unauthorized"));
  // The clock may advance only after the client has read the head.
  for (let turns = 0; turns < 100; turns += 1) await fixture.clock.flush();
  const reason = new Error("nobody waits");
  if (how === "abort") fixture.controller.abort(reason);
  else if (how === "close") await client.close();
  else await fixture.clock.advance(2000);
  const code = how === "close" ? "CLOSED" : "UNAUTHENTICATED";
  expect(await failing).toEqual(how === "abort" ? reason : expect.objectContaining({ code }));
  await closing(socket);
});

test.each(["abort", "close"])(
  "an %s while the body of an accepted 503 is read takes precedence over its status",
  async (how) => {
    await using fixture = openHttpFixture();
    const { url, asked } = await silent(fixture);
    const client = fixture.client({ url });
    const failing = rejection(client.request({ path: "/x", accept: [503] }, fixture.context));
    const socket = await asked;
    socket.write(`${head.replace("200 OK", "503 Busy")}part`);
    for (let turns = 0; turns < 100; turns += 1) await fixture.clock.flush();
    const reason = new Error("nobody waits");
    if (how === "abort") fixture.controller.abort(reason);
    else await client.close();
    expect(await failing).toEqual(how === "abort" ? reason : expect.objectContaining({ code: "CLOSED" }));
    await closing(socket);
  },
);

test("an abort before the call sends nothing", async () => {
  await using fixture = openHttpFixture();
  const { server, url } = await silent(fixture);
  const client = fixture.client({ url });
  fixture.controller.abort(new Error("too late"));
  await expect(client.request({ path: "/x" }, fixture.context)).rejects.toThrow("too late");
  await expect(client.stream({ path: "/x", idleTimeoutMs: 1 }, fixture.context)).rejects.toThrow("too late");
  expect(server.connections).toBe(0);
});

test("a call removes its listener from the caller's signal", async () => {
  await using fixture = openHttpFixture();
  const { url } = await fixture.serve((_request, response) => void response.end("{}"));
  const client = fixture.client({ url });
  let listeners = 0;
  const { signal } = fixture.controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    listeners += 1;
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...given);
  };
  await client.request({ path: "/x" }, fixture.context);
  for await (const _line of await client.stream({ path: "/x", idleTimeoutMs: 1000 }, fixture.context));
  expect(listeners).toBe(0);
  expect(fixture.clock.armed).toBe(0);
});

test("closing the client ends its calls", async () => {
  await using fixture = openHttpFixture();
  const { url, asked } = await silent(fixture);
  const client = fixture.client({ url });
  const failing = rejection(client.request({ path: "/x" }, fixture.context));
  const socket = await asked;
  await client.close();
  expect(await failing).toMatchObject({ code: "CLOSED" });
  await closing(socket);
  expect(fixture.clock.armed).toBe(0);
});

test("an error with a slow body is reported by its status before the answer deadline", async () => {
  await using fixture = openHttpFixture();
  const started = Promise.withResolvers<void>();
  const server = await fixture.serve((_request, response) => {
    response.writeHead(503, { "retry-after": "7" }).write("b");
    started.resolve();
  });
  const failing = rejection(fixture.client(server).request({ path: "/x" }, fixture.context));
  await started.promise;
  const [socket] = server.sockets;
  let error: unknown;
  void failing.then((thrown) => {
    error = thrown;
  });
  // The clock may advance only after the client has read the head.
  await expect.poll(() => fixture.clock.armed).toBe(3);
  await fixture.clock.advance(1500);
  await failing;
  expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "server-error", retryAfterMs: 7000 });
  if (socket !== undefined) await closing(socket);
  expect(fixture.clock.armed).toBe(0);
});
