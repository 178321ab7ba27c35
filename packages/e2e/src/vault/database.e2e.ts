import { setTimeout as sleep } from "node:timers/promises";
import { declareSecrets, object } from "@tacit/core";
import pg from "pg";
import { afterAll, beforeAll, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres/postgres.ts";
import { createRotatingPool, isCredentialRefused } from "../postgres/rotating-pool.ts";
import { type AppRole, createAppRole } from "./app-role.ts";
import { describeEachVault } from "./each-vault.ts";
import { type Service, startService } from "./service.ts";
import { mountDatabase, type VaultDatabase } from "./vault-database.ts";
import { startVault, type VaultServer } from "./vault-server.ts";

const declared = declareSecrets({ db: { ref: "db", as: object(["username", "password"]) } });
type DatabaseService = Service<(typeof declared)["declarations"]>;

describeEachVault(
  "a service whose database credentials it makes",
  { needs: ["postgres"], concurrent: true },
  (program) => {
    let vault: VaultServer;
    let postgres: Postgres;
    let database: VaultDatabase;
    let role: AppRole;

    beforeAll(async () => {
      [vault, postgres] = await Promise.all([startVault({ program }), startPostgres()]);
      database = await mountDatabase(vault, postgres);
      await vault.administrator.allow("app", {
        "database/creds/*": ["read"],
        "database/static-creds/*": ["read"],
        "sys/leases/renew": ["update"],
        "sys/leases/revoke": ["update"],
      });
      role = await createAppRole(vault, "app", ["app"]);
    });
    afterAll(async () => {
      await vault?.close();
      await postgres?.close();
    });

    /** Whatever is polled at all is polled each second. */
    const serve = (path: string, pollInterval = "1s", { auth } = role): Promise<DatabaseService> =>
      startService(vault, {
        declare: declared,
        provider: { auth, mounts: { database: { engine: "database" } }, pollInterval },
        paths: { db: path },
      });
    const place = () => ({ host: postgres.host, port: postgres.port, database: postgres.database });
    const countUsers = async (prefix: string): Promise<number> =>
      (await postgres.query(`SELECT 1 FROM pg_roles WHERE rolname LIKE 'v-approle-${prefix}%'`)).length;

    test("works a minute with credentials of five seconds, and no query fails while they are renewed and replaced", async ({
      expect,
    }) => {
      await database.createRole("busy", { ttl: "5s", maxTtl: "15s" });
      const service = await serve("database/creds/busy");
      const { secrets } = service;
      const users = new Set<string>();
      let queries = 0;
      try {
        const pool = createRotatingPool(secrets, { ...place(), max: 4 });
        await pool.ready;
        const end = performance.now() + 60_000;
        const work = async (): Promise<void> => {
          while (performance.now() < end) {
            const { rows } = await pool.current.query("SELECT current_user AS name, pg_sleep(0.005)");
            users.add(rows[0].name);
            queries += 1;
          }
        };
        await Promise.all(Array.from({ length: 6 }, work));
      } finally {
        await secrets.close();
      }
      // Fifteen seconds are the longest that Vault leases for.
      expect(users.size).toBeGreaterThanOrEqual(5);
      expect(users.size).toBeLessThanOrEqual(7);
      expect(queries).toBeGreaterThan(5000);
      const changes = service.events.flatMap((event) => (event.type === "change" ? [event.reason] : []));
      expect(new Set(changes.slice(1))).toEqual(new Set(["lease"]));
      expect(service.count("lease-renewed")).toBeGreaterThan(users.size);
      for (const type of ["lease-not-renewed", "lease-lost", "lease-not-revoked", "error"] as const)
        expect(service.count(type), type).toBe(0);
      // Each read makes a user: as many as were taken over, the last perhaps too late for a query, and closing gives that one back.
      expect(vault.audit.count(/^database\/creds\/busy$/)).toBe(changes.length);
      expect(changes.length - users.size).toBeLessThanOrEqual(1);
      expect(await countUsers("busy")).toBe(0);
    }, 90_000);

    test("goes on with another credential when its lease is revoked behind its back, and nobody notices", async ({
      expect,
    }) => {
      await database.createRole("revoked", { ttl: "5m" });
      await using service = await serve("database/creds/revoked");
      const { secrets } = service;
      const pool = createRotatingPool(secrets, place());
      await pool.ready;
      const askWhoIAm = (): Promise<string> =>
        secrets.use("db", async () => (await pool.current.query("SELECT current_user AS name")).rows[0].name, {
          rejected: isCredentialRefused,
        });
      const first = await askWhoIAm();
      // A store is asked for another credential once in ten seconds.
      const { fetchedAt } = secrets.latest("db").meta;
      await expect.poll(() => Date.now() - fetchedAt.getTime(), { timeout: 15_000 }).toBeGreaterThan(10_100);
      await vault.administrator.write("sys/leases/revoke-prefix/database/creds/revoked", { sync: true });
      expect(await countUsers("revoked")).toBe(0);
      const answers = await Promise.all(Array.from({ length: 20 }, askWhoIAm));
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).not.toBe(first);
      expect(vault.audit.count(/^database\/creds\/revoked$/)).toBe(2);
    });

    test("finds at its next renewal that its lease is gone, and replaces it", async ({ expect }) => {
      await database.createRole("lost", { ttl: "15s" });
      await using service = await serve("database/creds/lost");
      const first = service.secrets.latest("db").reveal().username;
      await vault.administrator.write("sys/leases/revoke-prefix/database/creds/lost", { sync: true });
      await expect.poll(() => service.secrets.latest("db").reveal().username, { timeout: 20_000 }).not.toBe(first);
      expect(service.count("lease-lost")).toBe(1);
      expect(vault.audit.count(/^database\/creds\/lost$/)).toBe(2);
    });

    test("replaces in time what would end with its token, which can be renewed no longer", async ({ expect }) => {
      await database.createRole("orphan", { ttl: "1h" });
      const shortLived = await createAppRole(vault, "short-lived", ["app"], { ttl: "10s", explicitMaxTtl: "20s" });
      await using service = await serve("database/creds/orphan", "1s", shortLived);
      const { secrets } = service;
      const pool = createRotatingPool(secrets, place());
      await pool.ready;
      const users = new Set<string>();
      while (users.size < 3) {
        const { rows } = await pool.current.query("SELECT current_user AS name");
        users.add(rows[0].name);
        await sleep(50);
      }
      expect(vault.audit.count(/^database\/creds\/orphan$/)).toBe(3);
      expect(service.count("lease-lost")).toBe(0);
    });

    test("gives its credential back when it closes, and says which one it could not", async ({ expect }) => {
      await database.createRole("closing", { ttl: "5m" });
      const polite = await serve("database/creds/closing");
      await polite.secrets.close();
      expect(await countUsers("closing")).toBe(0);
      await vault.administrator.allow("careless", { "database/creds/*": ["read"] });
      const careless = await createAppRole(vault, "careless", ["careless"]);
      const service = await serve("database/creds/closing", "1s", careless);
      await service.secrets.close();
      expect(service.count("lease-not-revoked")).toBe(1);
      // It ended all the same, with the token that took it.
      await expect.poll(() => countUsers("closing"), { timeout: 10_000 }).toBe(0);
    });

    test("works through three rotations of a static role's password", async ({ expect }) => {
      await database.createStaticRole("shared", "shared-user", "5s");
      await using service = await serve("database/static-creds/shared", "5m");
      const { secrets } = service;
      const passwords = new Set<string>();
      while (passwords.size < 4) {
        await secrets.use("db", (secret) => logIn(place(), secret.reveal()), { rejected: isCredentialRefused });
        passwords.add(secrets.latest("db").reveal().password);
        await sleep(50);
      }
      // Vault says when it rotates, so that a read falls behind each rotation, or what was refused before it asks.
      expect(vault.audit.count(/^database\/static-creds\/shared$/)).toBeLessThan(12);
    });
  },
);

async function logIn(place: pg.ClientConfig, { username: user, password }: { username: string; password: string }) {
  const client = new pg.Client({ ...place, user, password });
  try {
    await client.connect();
    await client.query("SELECT 1");
  } finally {
    await client.end();
  }
}
