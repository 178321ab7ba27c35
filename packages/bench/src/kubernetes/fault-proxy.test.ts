import { mkdtempSync, writeFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent, createServer, get } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

let upstreamUrl: string;
let certificate: string;
let proxy: FaultProxy;
const folder = mkdtempSync(join(tmpdir(), "fault-proxy-"));
const stack = new AsyncDisposableStack();
/** What ends the newest answer of the server behind. */
let endAnswer: () => void;

beforeAll(async () => {
  const extensions = [{ name: "subjectAltName" as const, altNames: [{ type: 7 as const, ip: "127.0.0.1" }] }];
  const { cert, private: key } = await generate([{ name: "commonName", value: "api" }], { keyType: "ec", extensions });
  certificate = cert;
  writeFileSync(join(folder, "apiserver.crt"), cert);
  writeFileSync(join(folder, "apiserver.key"), key);
  const upstream = createServer({ cert, key }, (asked, answer) => {
    answer.write(`${asked.method} ${asked.url}`);
    endAnswer = () => void answer.end(", end");
    if (asked.url !== "/watch") endAnswer();
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  stack.defer(() => void upstream.close());
  upstreamUrl = `https://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});
afterAll(() => stack.disposeAsync());

beforeEach(async () => {
  const plane = { url: upstreamUrl, certificateFolder: folder, adminToken: "", order: async () => {} };
  proxy = stack.use(await startFaultProxy({ ...plane, [Symbol.asyncDispose]: async () => {} }));
});

/** A request over a connection of its own, and what has come of its answer so far. */
interface Asked {
  readonly request: ClientRequest;
  readonly answer: IncomingMessage;
  text: string;
  readonly ended: Promise<string>;
}

async function ask(path: string): Promise<Asked> {
  const agent = new Agent({ ca: certificate });
  stack.defer(() => agent.destroy());
  return await new Promise((resolve, reject) => {
    const request = get(`${proxy.url}${path}`, { agent });
    request.once("error", reject);
    request.once("response", (answer) => {
      const ended = new Promise<string>((settle) => {
        answer.once("end", () => settle("end")).once("error", ({ code }: NodeJS.ErrnoException) => settle(code ?? ""));
      });
      const asked: Asked = { request, answer, text: "", ended };
      answer.on("data", (chunk: Buffer) => {
        asked.text += chunk.toString();
        resolve(asked);
      });
    });
  });
}

test("passes requests on, and answers as they come", async () => {
  const watch = await ask("/watch?a=b");
  expect(await watch.ended).toBe("end");
  expect(watch.text).toBe("GET /watch?a=b, end");
});

test("resets connections that stand, and lets new ones through", async () => {
  const watch = await ask("/watch");
  proxy.resetAll();
  expect(await watch.ended).toBe("ECONNRESET");
  expect((await ask("/read")).answer.statusCode).toBe(200);
});

test("falls silent on connections that stand, and lets new ones through", async () => {
  const watch = await ask("/watch");
  proxy.freezeAll();
  endAnswer();
  const other = await ask("/read");
  expect(await other.ended).toBe("end");
  expect(watch.text).toBe("GET /watch");
  expect(watch.answer.complete).toBe(false);
});

test("answers with a status until it is told otherwise", async () => {
  proxy.answer(429);
  const { answer } = await ask("/read");
  expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([429, "1"]);
  proxy.answer(undefined);
  expect((await ask("/read")).answer.statusCode).toBe(200);
});
