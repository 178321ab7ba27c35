import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, createServer, get, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { declareSecrets, tlsPair } from "@tacit/core";
import { expect, test } from "vitest";
import { createAppRole } from "./app-role.ts";
import { createAuthority } from "./certificate-authority.ts";
import { describeEachVault } from "./each-vault.ts";
import { startService } from "./service.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

const declared = declareSecrets({ tls: { ref: "tls", as: tlsPair() } });
describeEachVault("certificates of its PKI engine", {}, (program) => {
  test("a running server takes up each certificate that Vault issues, and drops no connection", async () => {
    await using vault = await startVault({ program });
    const authority = await createAuthority(vault);
    await using service = await serveCertificate(vault);
    const { secrets } = service;
    const server = createServer(secrets.latest("tls").reveal(), (_request, response) => response.end("ok"));
    secrets.watch("tls").on("change", ({ current }) => server.setSecureContext(current.reveal()));
    await using listening = await listen(server);
    const ask = (agent: Agent) => askServer(listening.port, agent, authority.certificate);
    // One connection that stays, beside a new one for each request.
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    const fresh = new Agent({ keepAlive: false, maxCachedSessions: 0 });
    const first = await ask(kept);
    const serials = new Set<string>();
    let local: number | undefined;
    while (serials.size < 3) {
      const [old, present] = await Promise.all([ask(kept), ask(fresh)]);
      local ??= old.localPort;
      // The same connection, and so the certificate that it began with.
      expect(old).toEqual({ ...first, localPort: local });
      serials.add(present.serial);
      await sleep(20);
    }
    kept.destroy();
    // Each read issues another one, and only their ends have asked.
    expect(vault.audit.count(/^pki\/issue\//)).toBe(serials.size);
    expect(service.count("error")).toBe(0);
  }, 90_000);
});

async function serveCertificate(vault: VaultServer) {
  await vault.administrator.allow("server", { "pki/issue/server": ["update"] });
  const role = await createAppRole(vault, "server", ["server"]);
  const issue = { server: { commonName: "localhost", ipSans: ["127.0.0.1"], ttl: "17s" } };
  return await startService(vault, {
    declare: declared,
    // Whatever is polled at all is polled each second.
    provider: { auth: role.auth, mounts: { pki: { engine: "pki", issue } }, pollInterval: "1s" },
    paths: { tls: "pki/issue/server" },
  });
}

async function listen(server: Server): Promise<AsyncDisposable & { readonly port: number }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Over which connection, and with which certificate, a server answered a client that trusts this authority alone. */
async function askServer(port: number, agent: Agent, ca: string) {
  const asked = get({ host: "127.0.0.1", port, agent, ca, signal: AbortSignal.timeout(10_000) });
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const socket = answer.socket as TLSSocket;
  const seen = { localPort: socket.localPort, serial: socket.getPeerCertificate().serialNumber };
  expect(await text(answer)).toBe("ok");
  return seen;
}
