import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  closing,
  collect,
  type HttpFixture,
  type LocalServer,
  openHttpFixture,
  rejection,
} from "../../../test/http-fixture.ts";

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
const path = { path: "/x" };

/** Starts a server that breaks each connection at its second request. */
async function forgetful(
  fixture: HttpFixture,
  second: (socket: Socket) => void,
): Promise<LocalServer & { asked: string[] }> {
  const asked: string[] = [];
  const server = await fixture.serveRaw((socket) => {
    socket.on("data", (data) => {
      asked.push(data.toString().split(" ")[0] ?? "");
      if (socket.bytesWritten === 0) socket.write(answer);
      else second(socket);
    });
  });
  return Object.assign(server, { asked });
}

test("successive calls share a connection, also after a stream that was read to its end", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.end("1\n"));
  const client = fixture.client(server);
  for (let call = 0; call < 20; call += 1) {
    await client.request(path, fixture.context);
    await collect(await client.stream({ ...path, idleTimeoutMs: 1000 }, fixture.context));
  }
  expect(server.connections).toBe(1);
  await client.close();
  for (const socket of server.sockets) await closing(socket);
});

test("two clients share no connection", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.end("{}"));
  await fixture.client(server).request(path, fixture.context);
  await fixture.client(server).request(path, fixture.context);
  expect(server.connections).toBe(2);
});

test.each(["reset", "end"])(
  "a read on a reused connection that the server ends with a %s is sent once more",
  async (how) => {
    await using fixture = openHttpFixture();
    const server = await forgetful(fixture, (socket) => void (how === "end" ? socket.end() : socket.resetAndDestroy()));
    const client = fixture.client(server);
    await client.request(path, fixture.context);
    expect((await client.request(path, fixture.context)).status).toBe(200);
    expect(server.asked).toEqual(["GET", "GET", "GET"]);
    expect(server.connections).toBe(2);
    const lines = await client.stream({ ...path, idleTimeoutMs: 1000 }, fixture.context);
    lines.close();
  },
);

test("a repeated read uses a new connection, not another idle one", async () => {
  await using fixture = openHttpFixture();
  const server = await forgetful(fixture, (socket) => void socket.resetAndDestroy());
  const client = fixture.client(server);
  await Promise.all([1, 2, 3].map(() => client.request(path, fixture.context)));
  expect(server.connections).toBe(3);
  expect((await client.request(path, fixture.context)).status).toBe(200);
  expect(server.connections).toBe(4);
});

test("a write is not repeated unless it is marked as replayable", async () => {
  await using fixture = openHttpFixture();
  const server = await forgetful(fixture, (socket) => void socket.resetAndDestroy());
  const client = fixture.client(server);
  await client.request(path, fixture.context);
  const failing = rejection(client.request({ ...path, method: "POST", json: {} }, fixture.context));
  expect(await failing).toMatchObject({ code: "UNAVAILABLE", reason: "connection-reset" });
  expect(server.asked).toEqual(["GET", "POST"]);
  await client.request(path, fixture.context);
  await client.request({ ...path, method: "POST", json: {}, replayable: true }, fixture.context);
  expect(server.asked).toEqual(["GET", "POST", "GET", "POST", "POST"]);
});

test("a request is not repeated after a byte of the response, on a new connection, or a second time", async () => {
  await using fixture = openHttpFixture();
  const begun = await forgetful(fixture, (socket) => socket.write("HTTP/1.1 2", () => void socket.resetAndDestroy()));
  const client = fixture.client(begun);
  await client.request(path, fixture.context);
  expect(await rejection(client.request(path, fixture.context))).toMatchObject({ code: "UNAVAILABLE" });
  expect(begun.connections).toBe(1);
  const broken = await fixture.serveRaw((socket) => void socket.once("data", () => socket.resetAndDestroy()));
  expect(await rejection(fixture.client(broken).request(path, fixture.context))).toMatchObject({ code: "UNAVAILABLE" });
  expect(broken.connections).toBe(1);
});

test("an aborted read on a reused connection is not repeated", async () => {
  await using fixture = openHttpFixture();
  const server = await forgetful(fixture, () => fixture.controller.abort(new Error("nobody waits")));
  const client = fixture.client(server);
  await client.request(path, fixture.context);
  await expect(client.request(path, fixture.context)).rejects.toThrow("nobody waits");
  expect(server.connections).toBe(1);
});

test("an unsolicited response is not taken for the response of the next request", async () => {
  await using fixture = openHttpFixture();
  const asked: Socket[] = [];
  const server = await fixture.serveRaw((socket) => {
    socket.on("data", () => {
      asked.push(socket);
      socket.write(asked.length === 1 ? `${answer}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n13` : answer);
    });
  });
  const client = fixture.client(server);
  await client.request(path, fixture.context);
  expect((await client.request(path, fixture.context)).json()).toEqual({});
  expect(server.connections).toBe(2);
});

test("a closed port and an unknown host have different reasons", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve(() => undefined);
  const url = `http://127.0.0.1:${server.port}`;
  await fixture[Symbol.asyncDispose]();
  await using other = openHttpFixture();
  const refused = await rejection(other.client({ url }).request(path, other.context));
  expect(refused).toMatchObject({ code: "UNAVAILABLE", reason: "connection-refused", cause: { code: "ECONNREFUSED" } });
  const unknown = other.client({ url: "https://store.invalid" });
  expect(await rejection(unknown.request(path, other.context))).toMatchObject({ code: "UNAVAILABLE", reason: "dns" });
});

test("sends requests over a unix socket to an http URL", async () => {
  await using fixture = openHttpFixture();
  const folder = mkdtempSync(join(tmpdir(), "tacit-http-"));
  try {
    const socketPath = join(folder, "agent.sock");
    await fixture.serve((request, response) => void response.end(JSON.stringify(request.headers.host)), { socketPath });
    const client = fixture.client({ url: "http://agent.example/v1", socketPath, proxy: "http://127.0.0.1:1" });
    expect((await client.request(path, fixture.context)).json()).toBe("agent.example");
    const absent = fixture.client({ url: "http://agent.example", socketPath: join(folder, "none.sock") });
    const error = await rejection(absent.request(path, fixture.context));
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "connection-refused" });
    expect(String(error)).toContain("GET unix:/x failed");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("streams and idle connections let the process exit, a pending request keeps it alive", async () => {
  const program = `
    import { createServer } from "node:http";
    import { createHttpClient } from ${JSON.stringify(new URL("./create-client.ts", import.meta.url).href)};
    const server = createServer((request, response) => {
      if (request.url === "/watch") response.flushHeaders();
      else setTimeout(() => response.end("{}"), 50).unref();
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.on("connection", (socket) => socket.unref());
    server.unref();
    const clock = { now: Date.now, monotonic: () => performance.now(), setTimer: (callback, ms) => {
      const timeout = setTimeout(callback, ms).unref();
      return { cancel: () => clearTimeout(timeout), keepAlive() {} };
    } };
    const client = createHttpClient({ url: "http://127.0.0.1:" + server.address().port }, { clock });
    const context = { signal: new AbortController().signal };
    client.stream({ path: "/watch", idleTimeoutMs: 60_000 }, context).then((lines) => {
      process.stdout.write("streams, ");
      lines[Symbol.asyncIterator]().next();
    });
    await client.request({ path: "/x" }, context);
    process.stdout.write("answered");`;
  const child = spawnSync(process.execPath, ["--conditions=@tacit/source", "--input-type=module", "--eval", program], {
    timeout: 15_000,
    encoding: "utf8",
  });
  expect([child.stdout, child.status, child.signal]).toEqual(["streams, answered", 0, null]);
});
