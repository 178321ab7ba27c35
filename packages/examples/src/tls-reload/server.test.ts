import { once } from "node:events";
import { Agent, get, Server } from "node:https";
import type { TLSSocket } from "node:tls";
import { mockSecrets } from "@tacit/core/testing";
import { gracefulClose } from "@tacit/express";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type Certificate, createAuthority, issueCertificate, toFields } from "../certificates.ts";
import { createWorkloadServer, declared as workload } from "../pod-certificate/server.ts";
import { portOf } from "../port-of.ts";
import { createTlsServer, declared } from "./server.ts";

let authority: Certificate;
let [first, second]: readonly Certificate[] = [];
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  authority = await createAuthority("tests");
  [first, second] = await Promise.all(["first", "second"].map((name) => issueCertificate(authority, name)));
});
afterEach(() => stop?.());

/** A client that keeps its connection, as long as it may. */
function createClient(port: number) {
  const agent = new Agent({ keepAlive: true, ca: authority.cert });
  return async () => {
    const [response] = await once(get({ host: "127.0.0.1", port, agent }), "response");
    const socket = response.socket as TLSSocket;
    await once(response.resume(), "close");
    return { name: socket.getPeerCertificate().subject.CN, socket };
  };
}

async function start(pair: Certificate | undefined) {
  if (pair === undefined) throw new Error("no certificate was issued");
  const secrets = mockSecrets({ "tls/server": toFields(pair) }, { declare: declared });
  const server = createTlsServer(secrets, (_request, response) => response.end());
  stop = gracefulClose(server, secrets, { clock: secrets.clock });
  await secrets.ready();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { secrets, port: portOf(server) };
}

test("a new certificate reaches new connections, and open ones go on", async () => {
  const { secrets, port } = await start(first);
  const [early, late] = [createClient(port), createClient(port)];
  const { name, socket } = await early();
  expect(name).toBe("first");
  secrets.set("tls/server", toFields(second ?? authority));
  await secrets.flush();
  expect(await late()).toMatchObject({ name: "second" });
  expect((await early()).socket).toBe(socket);
  expect(socket.getPeerCertificate().subject.CN).toBe("first");
});

test("a certificate without its key changes nothing", async () => {
  const { secrets, port } = await start(first);
  secrets.set("tls/server", toFields({ cert: second?.cert ?? "", key: first?.key ?? "" }));
  await secrets.flush();
  expect(await createClient(port)()).toMatchObject({ name: "first" });
  expect(secrets.health()).toMatchObject({ status: "degraded", secrets: [{ reason: "key-mismatch" }] });
});

test("a runtime that cannot replace a certificate is refused before anything listens", () => {
  const secrets = mockSecrets({ "tls/server": "" }, { declare: declared });
  const identities = mockSecrets({}, { declare: workload });
  // What Bun lacks.
  Object.defineProperty(Server.prototype, "setSecureContext", { value: undefined, configurable: true });
  try {
    const nobody = () => undefined;
    for (const create of [() => createTlsServer(secrets, nobody), () => createWorkloadServer(identities, nobody)])
      expect(create).toThrow("cannot replace the certificate of a running server");
  } finally {
    Reflect.deleteProperty(Server.prototype, "setSecureContext");
  }
});
