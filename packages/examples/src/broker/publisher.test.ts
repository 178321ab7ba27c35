import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { leakCheck, mockSecrets } from "@tacit/core/testing";
import { Aedes, type Client } from "aedes";
import { afterEach, beforeEach, expect, test } from "vitest";
import { portOf } from "../port-of.ts";
import { createPublisher, declared, type Publisher } from "./publisher.ts";

const [old, next] = ["s3cret-fixture-old", "s3cret-fixture-new"] as const;
const { assertNoLeak } = leakCheck([old, next]);
let broker: Aedes;
let server: Server;
let sockets: Set<Socket>;
let secrets: ReturnType<typeof mock>;
let publisher: Publisher;
/** What the broker knows; it refuses everything else. */
let password: string;
let onLogin: () => void;
let logins: string[];
let messages: string[];

function mock() {
  return mockSecrets({ "mq/app": { username: "app", password: old } }, { declare: declared });
}

beforeEach(async () => {
  onLogin = () => undefined;
  [password, logins, messages, sockets] = [old, [], [], new Set()];
  broker = await Aedes.createBroker({
    authenticate: (_client: Client, _username, given, done) => {
      logins.push(String(given));
      onLogin();
      const refused = Object.assign(new Error("refused"), { returnCode: 4 });
      if (String(given) === password) done(null, true);
      else done(refused, false);
    },
  });
  broker.on("publish", ({ topic, payload }, client) => {
    if (client !== null) messages.push(`${topic} ${payload}`);
  });
  server = createServer((socket) => {
    sockets.add(socket);
    broker.handle(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  secrets = mock();
  publisher = createPublisher(secrets, `mqtt://127.0.0.1:${portOf(server)}`);
});
afterEach(async () => {
  await publisher.close();
  await secrets.close();
  await new Promise<void>((resolve) => broker.close(resolve));
  server.close();
});

/** Ends every connection, as a broker does that starts anew. */
async function cut(): Promise<void> {
  const ended = once(broker, "clientDisconnect");
  for (const socket of sockets) socket.destroy();
  await ended;
}

test("messages share one connection, and one that is lost is replaced", async () => {
  await publisher.publish("orders", "1");
  await publisher.publish("orders", "2");
  expect(logins).toEqual([old]);
  await cut();
  const publish = () =>
    publisher.publish("orders", "3").then(
      () => true,
      () => false, // it had not heard of the end
    );
  await expect.poll(publish).toBe(true);
  expect(logins).toEqual([old, old]);
  expect(messages).toEqual(["orders 1", "orders 2", "orders 3"]);
});

test("a login that is refused, since its password changed a moment ago, is tried once more with the new one", async () => {
  onLogin = () => {
    password = next;
    secrets.set("mq/app", { username: "app", password: next });
  };
  await publisher.publish("orders", "1");
  expect(logins).toEqual([old, next]);
  expect(messages).toEqual(["orders 1"]);
});

test("a login that stays wrong is an error without the password, and no endless loop", async () => {
  password = "s3cret-fixture-other";
  const error: unknown = await publisher.publish("orders", "1").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(logins).toEqual([old]);
  assertNoLeak(error);
  password = old;
  await publisher.publish("orders", "2");
  expect(messages).toEqual(["orders 2"]);
});
