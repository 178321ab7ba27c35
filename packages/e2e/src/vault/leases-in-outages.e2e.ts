import { declareSecrets, object } from "@tacit/core";
import { test } from "vitest";
import { startPostgres } from "../postgres/postgres.ts";
import { createRotatingPool } from "../postgres/rotating-pool.ts";
import { createAppRole } from "./app-role.ts";
import { describeEachVault } from "./each-vault.ts";
import { startService } from "./service.ts";
import { mountDatabase } from "./vault-database.ts";
import { startVault } from "./vault-server.ts";

const declared = declareSecrets({ db: { ref: "db", as: object(["username", "password"]) } });
const options = { needs: ["postgres"], concurrent: true } as const;

describeEachVault("a service that holds a database credential while its server", options, (program) => {
  /** A service with a pool on a credential of 15 s, which is renewed about every five. */
  async function serve() {
    const [vault, postgres] = await Promise.all([startVault({ program, storage: "file" }), startPostgres()]);
    const database = await mountDatabase(vault, postgres);
    await database.createRole("app", { ttl: "15s" });
    await vault.administrator.allow("app", { "database/creds/app": ["read"], "sys/leases/revoke": ["update"] });
    const role = await createAppRole(vault, "app", ["app"]);
    const provider = { auth: role.auth, mounts: { database: { engine: "database" } } };
    const service = await startService(vault, { declare: declared, provider, paths: { db: "database/creds/app" } });
    const { host, port, database: name } = postgres;
    const pool = createRotatingPool(service.secrets, { host, port, database: name });
    await pool.ready;
    return {
      vault,
      service,
      async ask(): Promise<string> {
        return (await pool.current.query("SELECT current_user AS name")).rows[0].name;
      },
      async [Symbol.asyncDispose]() {
        await service[Symbol.asyncDispose]();
        await vault.close();
        await postgres.close();
      },
    };
  }

  test("is sealed keeps it, and renews it once it is unsealed", async ({ expect }) => {
    await using service = await serve();
    const { vault } = service;
    const user = await service.ask();
    await vault.seal();
    await expect.poll(() => service.service.count("lease-not-renewed"), patient).toBe(1);
    expect(await service.ask()).toBe(user);
    await vault.unseal();
    await expect.poll(() => service.service.count("lease-renewed"), patient).toBeGreaterThan(0);
    expect(await service.ask()).toBe(user);
    expect(vault.audit.count(/^database\/creds\/app$/)).toBe(1);
  });

  test("is killed, and started and unsealed while it lasts, keeps it too", async ({ expect }) => {
    await using service = await serve();
    const { vault } = service;
    const user = await service.ask();
    await vault.process.kill();
    await expect.poll(() => service.service.count("lease-not-renewed"), patient).toBe(1);
    await vault.start();
    await vault.unseal();
    await expect.poll(() => service.service.count("lease-renewed"), patient).toBeGreaterThan(0);
    expect(await service.ask()).toBe(user);
  });

  test("is frozen until it has ended says so, serves nothing that is over, and gets another one", async ({
    expect,
  }) => {
    await using service = await serve();
    const { vault } = service;
    const user = await service.ask();
    await vault.process.pause();
    const { secrets } = service.service;
    const codeOf = () => {
      try {
        return secrets.latest("db").meta.version === "" ? "" : "served";
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    await expect.poll(codeOf, { timeout: 25_000 }).toBe("UNAVAILABLE");
    vault.process.resume();
    await expect.poll(codeOf, { timeout: 30_000 }).toBe("served");
    expect(await service.ask()).not.toBe(user);
  });
});

const patient = { timeout: 20_000 };
