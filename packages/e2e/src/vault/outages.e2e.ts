import { declareSecrets, object } from "@tacit/core";
import { test } from "vitest";
import { pairOf } from "../mounted/pair.ts";
import { createRotationLog } from "../rotation/rotation-log.ts";
import { createAppRole } from "./app-role.ts";
import { describeEachVault } from "./each-vault.ts";
import { startService } from "./service.ts";
import { startVault, type VaultServer, type VaultServerOptions } from "./vault-server.ts";

const declared = declareSecrets({ db: { ref: "db", as: object(["username", "password"]) } });

describeEachVault("a service whose server", { concurrent: true }, (program) => {
  /** A Vault with a service that has logged in once and read `db` once; from here on calls are counted. */
  async function serve(options?: VaultServerOptions) {
    const vault = await startVault({ ...options, program });
    const { administrator } = vault;
    await administrator.mount("secret", "kv", { version: "2" });
    await administrator.allow("app", { "secret/data/db": ["read"] });
    const role = await createAppRole(vault, "app", ["app"]);
    await rotate(vault, 1);
    const service = await startService(vault, { declare: declared, provider: { auth: role.auth } });
    const watch = service.secrets.watch("db");
    vault.audit.reset();
    return {
      vault,
      role,
      watch,
      health: () => service.secrets.health(),
      rotations: createRotationLog(watch),
      async [Symbol.asyncDispose]() {
        await service[Symbol.asyncDispose]();
        await vault.close();
      },
    };
  }

  async function rotate({ administrator }: VaultServer, generation: number): Promise<void> {
    await administrator.write("secret/data/db", { data: pairOf(generation) });
  }

  const logins = /^auth\/approle\/login$/;

  test("has revoked its token logs in once, and no read fails", async ({ expect }) => {
    await using service = await serve();
    const { vault, role, watch } = service;
    await role.revokeTokens();
    await rotate(vault, 2);
    expect((await watch.refresh()).reveal()).toEqual(pairOf(2));
    await watch.refresh();
    expect(vault.audit.count(logins)).toBe(1);
  });

  test("takes neither its token nor its secret id any more says UNAUTHENTICATED, asks seldom, and goes on with another one", async ({
    expect,
  }) => {
    await using service = await serve();
    const { vault, role, watch } = service;
    await role.destroySecretIds();
    await role.revokeTokens();
    for (let reads = 0; reads < 5; reads += 1)
      await expect(watch.refresh()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(watch.latest.reveal()).toEqual(pairOf(1));
    // A refused login is not tried again for each read that wants one: that would lock accounts.
    expect(vault.audit.count(logins)).toBeLessThanOrEqual(2);
    await role.renewSecretId();
    await rotate(vault, 2);
    await expect.poll(refreshed(service), patient).toEqual(pairOf(2));
    expect(service.health().status).toBe("ok");
  });

  test("is sealed serves its last value, and goes on with the same token once it is unsealed", async ({ expect }) => {
    await using service = await serve();
    const { vault, watch } = service;
    await vault.seal();
    await expect(watch.refresh()).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "sealed" });
    expect(watch.latest.reveal()).toEqual(pairOf(1));
    expect(service.health().status).toBe("degraded");
    await vault.unseal();
    await rotate(vault, 2);
    await expect.poll(refreshed(service), patient).toEqual(pairOf(2));
    expect(service.health().status).toBe("ok");
    expect(vault.audit.count(logins)).toBe(0);
  });

  test("is frozen serves its last value, and goes on once it answers", async ({ expect }) => {
    await using service = await serve();
    const { vault, watch } = service;
    await vault.process.pause();
    await expect(watch.refresh()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(watch.latest.reveal()).toEqual(pairOf(1));
    expect(service.health().status).toBe("degraded");
    vault.process.resume();
    await rotate(vault, 2);
    await expect.poll(refreshed(service), patient).toEqual(pairOf(2));
    expect(vault.audit.count(logins)).toBe(0);
  });

  test("is frozen and then killed leaves its half-open connections", async ({ expect }) => {
    await using service = await serve({ storage: "file" });
    const { vault, watch } = service;
    await vault.process.pause();
    await expect(watch.refresh()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await vault.process.kill();
    await vault.start();
    await vault.unseal();
    await rotate(vault, 2);
    await expect.poll(refreshed(service), patient).toEqual(pairOf(2));
  });

  test("is killed, comes back sealed and is unsealed finds what changed in between, with the same token", async ({
    expect,
  }) => {
    await using service = await serve({ storage: "file" });
    const { vault, watch } = service;
    await vault.process.kill();
    await expect(watch.refresh()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await vault.start();
    await expect(watch.refresh()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await vault.unseal();
    await rotate(vault, 2);
    await expect.poll(refreshed(service), patient).toEqual(pairOf(2));
    expect(service.rotations.seen).toEqual([2]);
    expect(vault.audit.count(logins)).toBe(0);
  });
});

/** What another read gives; undefined while it fails. */
function refreshed({ watch }: { readonly watch: { refresh(): Promise<{ reveal(): unknown }> } }) {
  return () =>
    watch.refresh().then(
      (secret) => secret.reveal(),
      () => undefined,
    );
}

const patient = { timeout: 20_000 };
