import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { TLSSocket } from "node:tls";
import { mockSecrets } from "@tacit/core/testing";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type Certificate, createAuthority, issueCertificate, toFields } from "../certificates.ts";
import { portOf } from "../port-of.ts";
import { createClient, declared } from "./client.ts";

interface Era {
  readonly authority: Certificate;
  readonly server: Certificate;
  readonly client: Certificate;
}

let old: Era;
let next: Era;
let server: Server;
let client: ReturnType<typeof createClient>;

async function createEra(name: string): Promise<Era> {
  const authority = await createAuthority(`authority ${name}`);
  const [of, to] = await Promise.all(
    [`server ${name}`, `client ${name}`].map((one) => issueCertificate(authority, one)),
  );
  if (of === undefined || to === undefined) throw new Error("no certificate was issued");
  return { authority, server: of, client: to };
}

beforeAll(async () => {
  [old, next] = await Promise.all([createEra("old"), createEra("new")]);
});
afterEach(() => {
  client.close();
  server.close();
  server.closeAllConnections();
});

/** A server that answers clients of both authorities with the name in their certificate. */
async function start() {
  const ca = [old.authority.cert, next.authority.cert];
  const options = { ...old.server, ca, requestCert: true, rejectUnauthorized: true };
  server = createServer(options, ({ socket }, response) => {
    response.end((socket as TLSSocket).getPeerCertificate().subject.CN);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `https://127.0.0.1:${portOf(server)}`;
  const values = { "tls/client": toFields(old.client), "tls/authority": old.authority.cert };
  const secrets = mockSecrets(values, { declare: declared });
  client = createClient(secrets);
  return { secrets, get: () => client.get(url), serve: (era: Era) => server.setSecureContext({ ...era.server, ca }) };
}

test("client, authority and server rotate one after the other, and no request fails", async () => {
  const { secrets, get, serve } = await start();
  expect(await get()).toBe("client old");
  secrets.set("tls/client", toFields(next.client));
  await secrets.flush();
  expect(await get()).toBe("client new");
  secrets.set("tls/authority", next.authority.cert);
  await secrets.flush();
  expect(await get()).toBe("client new"); // from a server of the old authority
  serve(next);
  client.close(); // no connection is left from before
  expect(await get()).toBe("client new");
});

test("after the overlap the old authority is trusted no longer", async () => {
  const { secrets, get } = await start();
  secrets.set("tls/authority", next.authority.cert);
  await secrets.flush();
  expect(await get()).toBe("client old");
  await secrets.advance(24 * 3_600_000);
  await expect(get()).rejects.toThrow(/certificate/);
});
