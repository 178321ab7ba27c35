import { existsSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { declareSecrets, type SecretError } from "@tacit/core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { claimPort } from "../cluster/claim-port.ts";
import type { ServerProcess } from "../cluster/server-process.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createAppRole } from "../vault/app-role.ts";
import { startService } from "../vault/service.ts";
import { startVault, type VaultServer } from "../vault/vault-server.ts";
import { startBaoAgent } from "./bao-agent.ts";

const declared = declareSecrets({ password: { ref: "db#password" } });
const value = "s3cret-fixture-agent";

const notLoggedIn = { code: "UNAUTHENTICATED", reason: "agent-not-logged-in" };
const patient = { timeout: 30_000 };

describe.skipIf(!hasPrograms("openbao"))("a service beside the real Agent of OpenBao", () => {
  let vault: VaultServer;
  let agent: ServerProcess | undefined;

  beforeAll(async () => {
    vault = await startVault({ program: "openbao" });
    const { administrator } = vault;
    await administrator.mount("secret", "kv", { version: "2" });
    await administrator.write("secret/data/db", { data: { password: value } });
    await administrator.allow("reader", { "secret/data/db": ["read"] });
  });
  afterEach(() => agent?.kill());
  afterAll(() => vault?.close());

  /** The role's tokens live for five seconds, and cannot be renewed past ten. */
  async function createRole(name: string) {
    return await createAppRole(vault, name, ["reader"], { ttl: "5s", explicitMaxTtl: "10s" });
  }

  function loginOf({ auth }: Awaited<ReturnType<typeof createRole>>) {
    const { roleId, secretId } = auth as { roleId: { $file: string }; secretId: { $file: string } };
    return {
      type: "approle",
      mount_path: "auth/approle",
      config: {
        role_id_file_path: roleId.$file,
        secret_id_file_path: secretId.$file,
        remove_secret_id_file_after_reading: false,
      },
    };
  }

  async function readOften(service: Awaited<ReturnType<typeof serve>>, lifeMs: number): Promise<void> {
    const end = performance.now() + lifeMs;
    while (performance.now() < end) {
      const secret = await service.secrets.getSecret("password", { freshness: "fresh" });
      expect(secret.reveal()).toBe(value);
      await sleep(100);
    }
  }

  function serve(url: string, auth: object) {
    return startService({ ...vault, url }, { declare: declared, provider: { auth, engine: "kv-v2" } });
  }

  test("reads by the Agent's token while the Agent logs in anew", async () => {
    const role = await createRole("proxied");
    const listen = `127.0.0.1:${await claimPort()}`;
    agent = startBaoAgent(vault, { login: loginOf(role), listen });
    await using service = await serve(`http://${listen}`, { method: "none" });
    vault.audit.reset();
    await readOften(service, 15_000);
    expect(vault.audit.count(/^auth\/approle\/login$/)).toBeGreaterThan(0);
  });

  test("says that an Agent has not logged in, serves once it has, and keeps its value when the login is lost", async () => {
    const role = await createRole("late");
    await role.destroySecretIds();
    const listen = `127.0.0.1:${await claimPort()}`;
    agent = startBaoAgent(vault, { login: loginOf(role), listen });
    const url = `http://${listen}`;
    await expect.poll(() => serve(url, { method: "none" }).catch(reasonsOf), patient).toEqual([notLoggedIn.reason]);
    await role.renewSecretId();
    await expect.poll(() => serve(url, { method: "none" }).then(close, reasonsOf), patient).toBe("served");
    await using service = await serve(url, { method: "none" });
    const { secrets } = service;
    await role.destroySecretIds();
    await role.revokeTokens();
    await expect(secrets.watch("password").refresh()).rejects.toMatchObject(notLoggedIn);
    expect(secrets.latest("password").reveal()).toBe(value);
  });

  test("follows the sink that the Agent writes each token to", async () => {
    const role = await createRole("sink");
    const sink = join(mkdtempSync(join(inject("runFolder"), "sink-")), "token");
    agent = startBaoAgent(vault, { login: loginOf(role), sink });
    await expect.poll(() => existsSync(sink), { timeout: 10_000 }).toBe(true);
    await using service = await serve(vault.url, { method: "token-file", file: sink });
    vault.audit.reset();
    await readOften(service, 15_000);
    expect(vault.audit.count(/^auth\/approle\/login$/)).toBeGreaterThan(0);
  });
});

/** Of each problem that keeps a service from being ready. */
function reasonsOf(error: unknown): readonly (string | undefined)[] {
  return (error as SecretError).errors?.map(({ reason }) => reason) ?? [];
}

async function close(service: AsyncDisposable): Promise<"served"> {
  await service[Symbol.asyncDispose]();
  return "served";
}
