import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openHttpFixture, rejection } from "../../../test/http-fixture.ts";

const mebibyte = 1024 * 1024;

test("a body of 2 MiB is read, one byte more is not", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve(
    (request, response) => void response.end(Buffer.alloc(Number(request.url?.slice(1)))),
  );
  const client = fixture.client(server);
  const most = await client.request({ path: `/${2 * mebibyte}` }, fixture.context);
  expect(most.bytes().length).toBe(2 * mebibyte);
  const more = await rejection(client.request({ path: `/${2 * mebibyte + 1}` }, fixture.context));
  expect(more).toMatchObject({ code: "INTERNAL", reason: "answer-too-large" });
});

test("a body without an end is aborted at the limit", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => {
    const more = (): void => {
      while (response.writable && response.write(Buffer.alloc(65_536)));
    };
    response.on("drain", more);
    more();
  });
  const failing = rejection(fixture.client(server).request({ path: "/x" }, fixture.context));
  expect(await failing).toMatchObject({ code: "INTERNAL", reason: "answer-too-large" });
});

test("the limit applies to the decompressed size of a gzip bomb", async () => {
  await using fixture = openHttpFixture();
  const bomb = gzipSync(Buffer.alloc(256 * mebibyte));
  expect(bomb.length).toBeLessThan(mebibyte);
  const server = await fixture.serve((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  });
  const before = process.memoryUsage().arrayBuffers;
  const failing = rejection(fixture.client(server).request({ path: "/x" }, fixture.context));
  expect(await failing).toMatchObject({ code: "INTERNAL", reason: "answer-too-large" });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * mebibyte);
});

test("asks for no compression, but decompresses a compressed body", async () => {
  await using fixture = openHttpFixture();
  const asked: unknown[] = [];
  const bodies = {
    gzip: gzipSync("1"),
    "x-gzip": gzipSync("1"),
    deflate: deflateSync("1"),
    br: brotliCompressSync("1"),
  };
  const server = await fixture.serve((request, response) => {
    asked.push(request.headers["accept-encoding"]);
    const coding = request.url?.slice(1) as keyof typeof bodies;
    response.writeHead(200, { "content-encoding": coding.toUpperCase() }).end(bodies[coding]);
  });
  const client = fixture.client(server);
  for (const coding of Object.keys(bodies)) {
    expect((await client.request({ path: `/${coding}` }, fixture.context)).json()).toBe(1);
  }
  expect(new Set(asked)).toEqual(new Set(["identity"]));
});

test.each(["base64", "constructor"])("leaves a body with the unknown coding %s unchanged", async (coding) => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => {
    response.writeHead(200, { "content-encoding": coding }).end("MQ==");
  });
  const answer = await fixture.client(server).request({ path: "/x" }, fixture.context);
  expect([answer.text(), answer.header("content-encoding")]).toEqual(["MQ==", coding]);
});

test.each([
  ["half a gzip stream", gzipSync("x".repeat(1000)).subarray(0, 20)],
  ["no gzip", Buffer.from("plain")],
])("%s is malformed, and never returned as a truncated value", async (_what, body) => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(body);
  });
  const failing = rejection(fixture.client(server).request({ path: "/x" }, fixture.context));
  expect(await failing).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
});

test("an empty body with a Content-Encoding header is empty", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((request, response) => {
    response.writeHead(request.method === "HEAD" ? 200 : 204, { "content-encoding": "gzip" }).end();
  });
  const client = fixture.client(server);
  for (const method of ["GET", "HEAD"] as const) {
    expect((await client.request({ path: "/x", method }, fixture.context)).bytes().length).toBe(0);
  }
});

test.each([
  ["a reset", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", true, "UNAVAILABLE", "connection-reset"],
  ["an early end", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", false, "UNAVAILABLE", "connection-reset"],
  [
    "a missing last chunk",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    false,
    "UNAVAILABLE",
    "connection-reset",
  ],
  ["an end instead of an answer", "", false, "UNAVAILABLE", "connection-reset"],
  ["another protocol", "SSH-2.0-server\r\n", false, "INTERNAL", "malformed-answer"],
  [
    "two lengths",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
    false,
    "INTERNAL",
    "malformed-answer",
  ],
])("%s is an error", async (_what, text, isReset, code, reason) => {
  await using fixture = openHttpFixture();
  const server = await fixture.serveRaw((socket) => {
    socket.once("data", () => {
      if (isReset) socket.write(text, () => void socket.resetAndDestroy());
      else socket.end(text);
    });
  });
  const failing = rejection(fixture.client(server).request({ path: "/x", replayable: false }, fixture.context));
  expect(await failing).toMatchObject({ code, reason });
});

test("a body that is not JSON or not UTF-8 is malformed, and the error does not quote it", async () => {
  await using fixture = openHttpFixture();
  const bodies: Record<string, Buffer> = {
    "/a": Buffer.from("<html>s3cret-fixture"),
    "/b": Buffer.of(0x22, 0xff, 0x22),
  };
  const server = await fixture.serve((request, response) => void response.end(bodies[request.url ?? ""]));
  const client = fixture.client(server);
  for (const path of ["/a", "/b"]) {
    const answer = await client.request({ path }, fixture.context);
    const failing = rejection((async () => answer.json())());
    expect(await failing).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    expect(String(await failing)).not.toContain("s3cret");
  }
});

test("the body of an error is read so that the connection can be reused, unless it is long", async () => {
  await using fixture = openHttpFixture();
  const server = await fixture.serve((request, response) => {
    response.writeHead(401).write("x".repeat(request.url === "/long" ? 100_000 : 100));
    if (request.url !== "/long") response.end();
  });
  const client = fixture.client(server);
  for (let round = 0; round < 5; round += 1) {
    expect(await rejection(client.request({ path: "/short" }, fixture.context))).toMatchObject({
      code: "UNAUTHENTICATED",
    });
  }
  expect(server.connections).toBe(1);
  expect(await rejection(client.request({ path: "/long" }, fixture.context))).toMatchObject({
    code: "UNAUTHENTICATED",
  });
});

test.each<[string, string, object]>([
  [
    "in HTTP/1.1 is refused, as nothing tells a cut from its end",
    "HTTP/1.1 200 OK\r\n\r\n[1,2]",
    { code: "INTERNAL", reason: "malformed-answer" },
  ],
  ["in HTTP/1.0 is read, which knows no other way", "HTTP/1.0 200 OK\r\n\r\n[1,2]", { status: 200 }],
  ["is an error of its status if it has one", "HTTP/1.1 503 Busy\r\n\r\nbusy", { code: "UNAVAILABLE" }],
  ["is no matter where there is no body", "HTTP/1.1 204 No Content\r\n\r\n", { status: 204 }],
])("a body that ends with its connection %s", async (_what, text, expected) => {
  await using fixture = openHttpFixture();
  const { url } = await fixture.serveRaw((socket) => socket.once("data", () => socket.end(text)));
  const answer = await fixture
    .client({ url })
    .request({ path: "/x" }, fixture.context)
    .catch((error: unknown) => error);
  expect(answer).toMatchObject(expected);
});
