import { setImmediate as turn } from "node:timers/promises";
import { createGzip } from "node:zlib";
import { expect, test } from "vitest";
import { closing, collect, openHttpFixture, rejection } from "../../../test/http-fixture.ts";

const watch = { path: "/watch", idleTimeoutMs: 150_000 };

test("yields lines however they are cut into chunks", async () => {
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

test("answers with the head before there is a line, and no deadline of an answer ends the body", async () => {
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

test("does not take the consumer's pauses for the server's silence", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.write("1\n", () => response.end("2\n")));
  const seen: string[] = [];
  for await (const line of await fixture.client(server).stream(watch, fixture.context)) {
    seen.push(line);
    await fixture.clock.advance(1_000_000);
  }
  expect(seen).toEqual(["1", "2"]);
});

test("leaving the loop closes the connection", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.write("1\n"));
  for await (const _line of await fixture.client(server).stream(watch, fixture.context)) break;
  for (const socket of server.sockets) await closing(socket);
  expect(fixture.clock.armed).toBe(0);
});

test("a stream that nobody reads may break without harm", async () => {
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

test("reads no further ahead than the consumer follows", async () => {
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
  // What the buffers of the system take, some MiB, of 62 MiB.
  expect(sent).toBeLessThan(500);
  lines.close();
});

test("a line above the cap ends the stream before its end is there", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.write(`ok\n${"x".repeat(2000)}`));
  const lines = await fixture.client(server).stream({ ...watch, maxBytes: 1000 }, fixture.context);
  const iterator = lines[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: "ok" });
  expect(await rejection(iterator.next())).toMatchObject({ code: "INTERNAL", reason: "answer-too-large" });
  for (const socket of server.sockets) await closing(socket);
});

test("a connection that breaks within the body is an error, never an end", async () => {
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

test("a stream that a middlebox has compressed is read line by line all the same", async () => {
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

test("a refused stream throws by its status, or shows it where the adapter wants it", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => void response.writeHead(410).end("gone"));
  const client = fixture.client(server);
  expect(await rejection(client.stream(watch, fixture.context))).toMatchObject({ code: "INTERNAL" });
  const lines = await client.stream({ ...watch, accept: [410] }, fixture.context);
  expect(lines.status).toBe(410);
  lines.close();
});

test.each(["abort", "close of the stream", "close of the client"])("an %s ends the body at once", async (how) => {
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

test("a closed stream yields nothing more, even of what had come", async () => {
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

test("a stream that nobody reads ends with the client too", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => response.flushHeaders());
  const client = fixture.client(server);
  const lines = await client.stream(watch, fixture.context);
  await client.close();
  for (const socket of server.sockets) await closing(socket);
  expect(await rejection(collect(lines))).toMatchObject({ code: "CLOSED" });
});

test("hundreds of streams live side by side, and reads pass between them", async () => {
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
