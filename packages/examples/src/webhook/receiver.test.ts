import { createHmac } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { connect } from "node:net";
import { mockSecrets } from "@tacit/core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { portOf } from "../port-of.ts";
import { createReceiver, declared } from "./receiver.ts";

const body = '{"order":7}';
const [old, next] = ["s3cret-fixture-old", "s3cret-fixture-new"] as const;
let secrets: ReturnType<typeof mock>;
let server: Server;
let received: string[];

function mock() {
  return mockSecrets({ "webhook/key": old }, { declare: declared });
}

beforeEach(async () => {
  secrets = mock();
  received = [];
  server = createReceiver(secrets, (message) => void received.push(String(message))).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function signed(key: string): string {
  return `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
}

async function send(signature: string | undefined, content: string = body): Promise<number> {
  const headers: Record<string, string> = signature === undefined ? {} : { "x-signature": signature };
  const { status } = await fetch(`http://127.0.0.1:${portOf(server)}`, { method: "POST", body: content, headers });
  return status;
}

test("during the overlap both keys are accepted, after it the new one alone", async () => {
  expect([await send(signed(old)), await send(signed(next))]).toEqual([204, 401]);
  secrets.set("webhook/key", next);
  await secrets.flush();
  expect([await send(signed(old)), await send(signed(next))]).toEqual([204, 204]);
  await secrets.advance(15 * 60_000);
  expect([await send(signed(old)), await send(signed(next))]).toEqual([401, 204]);
  expect(received).toEqual([body, body, body, body]);
});

test.each([
  ["none", undefined],
  ["an empty one", ""],
  ["one that is cut", signed(old).slice(0, -2)],
  ["one that is no hex", `sha256=${"z".repeat(64)}`],
  ["one with more behind it", `${signed(old)}00`],
])("a signature is refused that is no signature: %s", async (_, signature) => {
  expect(await send(signature)).toBe(401);
  expect(received).toEqual([]);
});

test("a body that was changed, or is too large, is refused", async () => {
  expect(await send(signed(old), '{"order":8}')).toBe(401);
  expect(await send(signed(old), "x".repeat(1024 * 1024 + 1)).catch(() => 413)).toBe(413);
});

test("a sender that goes away in the middle of a message does no harm", async () => {
  const request = connect(portOf(server), "127.0.0.1");
  const arrived = once(server, "request");
  request.write("POST / HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 9\r\n\r\n{");
  const [, response] = await arrived;
  request.destroy();
  await once(response, "close");
  expect(await send(signed(old))).toBe(204);
});
