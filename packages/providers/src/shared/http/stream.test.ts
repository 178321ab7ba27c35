import { setImmediate as turn } from "node:timers/promises";
import { createGzip } from "node:zlib";
import { expect, test } from "vitest";
import { closing, collect, openHttpFixture, rejection } from "../../../test/http-fixture.ts";

const watch = { path: "/watch", idleTimeoutMs: 150_000 };

test("yields the same lines for any division into chunks", async () => {
  await using fixture = openHttpFixture();
  const text = Buffer.from("first\r\nzwölf\n\n€\nlast");
  const server = await fixture.serve(async (_request, response) => {
    for (const byte of text) {
      response.write(Buffer.of(byte));
      await turn();
    }
    response.end();
  });
  const lines = await fixture.client(server).stream(watch, fixture.context);
  expect(lines.status).toBe(200);
  expect(await collect(lines)).toEqual(["first", "zwölf", "", "€", "last"]);
  expect(fixture.clock.armed).toBe(0);
});

test("resolves with the head before the first line, and the answer deadline does not end the body", async () => {
  await using fixture = openHttpFixture();
  const held = Promise.withResolvers<{ write(text: string): void }>();
  const server = await fixture.serve((_request, response) => {
    response.flushHeaders();
    held.resolve(response);
  });
  const lines = await fixture.client({ ...server, answerTimeoutMs: 1000 }).stream(watch, fixture.context);
  const iterator = lines[Symbol.asyncIterator]();
  const response = await held.promise;
  for (let round = 0; round < 3; round += 1) {
    const next = iterator.next();
    await fixture.clock.advance(149_000);
    response.write(`${round}\n`);
    expect(await next).toEqual({ done: false, value: `${round}` });
  }
  const silence = rejection(iterator.next());
  await fixture.clock.advance(150_000);
  expect(await silence).toMatchObject({ code: "UNAVAILABLE", reason: "timeout" });
  for (const socket of server.sockets) await closing(socket);
  expect(fixture.clock.armed).toBe(0);
});

test("a slow consumer does not trigger the idle deadline", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.write("1\n", () => response.end("2\n")));
  const seen: string[] = [];
  for await (const line of await fixture.client(server).stream(watch, fixture.context)) {
    seen.push(line);
    await fixture.clock.advance(1_000_000);
  }
  expect(seen).toEqual(["1", "2"]);
});

test("leaving the loop early closes the connection", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.write("1\n"));
  for await (const _line of await fixture.client(server).stream(watch, fixture.context)) break;
  for (const socket of server.sockets) await closing(socket);
  expect(fixture.clock.armed).toBe(0);
});

test("a lost connection of an unread stream is no uncaught error", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => response.flushHeaders());
  const lines = await fixture.client(server).stream(watch, fixture.context);
  for (const socket of server.sockets) {
    socket.resetAndDestroy();
    await closing(socket);
  }
  await turn();
  expect(await rejection(collect(lines))).toMatchObject({ code: "UNAVAILABLE" });
});

test("reads only a little ahead of the consumer", async () => {
  await using fixture = openHttpFixture();
  let sent = 0;
  const server = await fixture.serve((_request, response) => {
    const line = `${"x".repeat(65_535)}\n`;
    const more = (): void => {
      while (sent < 1000 && response.write(line)) sent += 1;
    };
    response.on("drain", more);
    more();
  });
  const lines = await fixture.client(server).stream(watch, fixture.context);
  const { value } = await lines[Symbol.asyncIterator]().next();
  expect(value?.length).toBe(65_535);
  for (let turns = 0; turns < 200; turns += 1) await turn();
  // The buffers of the system take some MiB of the 62 MiB.
  expect(sent).toBeLessThan(500);
  lines.close();
});

test("a line above the limit ends the stream before the line is complete", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.write(`ok\n${"x".repeat(2000)}`));
  const lines = await fixture.client(server).stream({ ...watch, maxBytes: 1000 }, fixture.context);
  const iterator = lines[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: "ok" });
  expect(await rejection(iterator.next())).toMatchObject({ code: "INTERNAL", reason: "answer-too-large" });
  for (const socket of server.sockets) await closing(socket);
});

test("a connection lost within the body is an error, not an end", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => {
    response.write("1\nhal", () => response.socket?.resetAndDestroy());
  });
  const lines = await fixture.client(server).stream(watch, fixture.context);
  const seen: string[] = [];
  const failing = rejection(
    (async () => {
      for await (const line of lines) seen.push(line);
    })(),
  );
  expect(await failing).toMatchObject({ code: "UNAVAILABLE", reason: "connection-reset" });
  expect(seen.filter((line) => line !== "1")).toEqual([]);
});

test("text that is not UTF-8 is an error", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.end(Buffer.of(0x61, 0xff, 0x0a)));
  const lines = await fixture.client(server).stream(watch, fixture.context);
  expect(await rejection(collect(lines))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
});

test("a stream compressed by a proxy is decompressed and read line by line", async () => {
  await using fixture = openHttpFixture();
  const zip = createGzip();
  const server = await fixture.serve((_request, response) => {
    zip.pipe(response.writeHead(200, { "content-encoding": "gzip" }));
    zip.write("1\n");
    zip.flush();
  });
  const lines = (await fixture.client(server).stream(watch, fixture.context))[Symbol.asyncIterator]();
  expect(await lines.next()).toEqual({ done: false, value: "1" });
  zip.end("2\n");
  expect(await lines.next()).toEqual({ done: false, value: "2" });
  expect((await lines.next()).done).toBe(true);
});

test("a refused stream throws the error of its status, or returns the status if it is accepted", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.writeHead(410).end("gone"));
  const client = fixture.client(server);
  expect(await rejection(client.stream(watch, fixture.context))).toMatchObject({ code: "INTERNAL" });
  const lines = await client.stream({ ...watch, accept: [410] }, fixture.context);
  expect(lines.status).toBe(410);
  lines.close();
});

test.each(["abort", "close of the stream", "close of the client"])("an %s ends the body immediately", async (how) => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => response.flushHeaders());
  const client = fixture.client(server);
  const lines = await client.stream(watch, fixture.context);
  const next = lines[Symbol.asyncIterator]().next();
  await fixture.clock.flush();
  if (how === "abort") {
    const reason = new Error("nobody waits");
    fixture.controller.abort(reason);
    await expect(next).rejects.toBe(reason);
  } else if (how === "close of the stream") {
    lines.close();
    lines.close();
    expect(await next).toEqual({ done: true, value: undefined });
  } else {
    await client.close();
    await expect(next).rejects.toMatchObject({ code: "CLOSED" });
  }
  for (const socket of server.sockets) await closing(socket);
  expect(fixture.clock.armed).toBe(0);
});

test("a closed stream yields no more lines, even received ones", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.write("1\n2\n3\n"));
  const lines = await fixture.client(server).stream(watch, fixture.context);
  const seen: string[] = [];
  for await (const line of lines) {
    seen.push(line);
    lines.close();
  }
  expect(seen).toEqual(["1"]);
});

test("an unread stream ends with the client", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => response.flushHeaders());
  const client = fixture.client(server);
  const lines = await client.stream(watch, fixture.context);
  await client.close();
  for (const socket of server.sockets) await closing(socket);
  expect(await rejection(collect(lines))).toMatchObject({ code: "CLOSED" });
});

test("hundreds of streams run concurrently without delaying reads", async () => {
  await using fixture = openHttpFixture();
  const writers: ((text: string) => void)[] = [];
  const server = await fixture.serve((request, response) => {
    if (request.url !== "/watch") return void response.end('"read"');
    response.flushHeaders();
    writers.push((text) => void response.end(text));
  });
  const client = fixture.client(server);
  const streams = await Promise.all(Array.from({ length: 300 }, () => client.stream(watch, fixture.context)));
  const reading = Promise.all(streams.map((lines) => collect(lines)));
  expect((await client.request({ path: "/read" }, fixture.context)).json()).toBe("read");
  for (const write of writers) write("event\n");
  expect(await reading).toEqual(Array.from({ length: 300 }, () => ["event"]));
  expect(fixture.clock.armed).toBe(0);
});
