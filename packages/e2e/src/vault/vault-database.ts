import type { Postgres } from "../postgres/postgres.ts";
import type { VaultServer } from "./vault-server.ts";

/** A database engine that makes users of a PostgreSQL server. */
export interface VaultDatabase {
  /** Makes users that live so long, as in `5s`. */
  createRole(name: string, life: { readonly ttl: string; readonly maxTtl?: string }): Promise<void>;
  /** Has Vault rotate the password of a user that is made here, that often. */
  createStaticRole(name: string, user: string, rotationPeriod: string): Promise<void>;
}

/** Mounts one at `database/`; its users may work in the database's public schema. */
export async function mountDatabase({ administrator }: VaultServer, postgres: Postgres): Promise<VaultDatabase> {
  const { host, port, database } = postgres;
  await administrator.mount("database", "database");
  await administrator.write("database/config/postgres", {
    plugin_name: "postgresql-database-plugin",
    allowed_roles: "*",
    connection_url: `postgresql://{{username}}:{{password}}@${host}:${port}/${database}?sslmode=disable`,
    username: postgres.administrator.user,
    password: postgres.administrator.password,
    password_authentication: "scram-sha-256",
  });
  return {
    async createRole(name, { ttl, maxTtl = "1h" }) {
      await administrator.write(`database/roles/${name}`, {
        db_name: "postgres",
        creation_statements: [
          `CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'; GRANT USAGE ON SCHEMA public TO "{{name}}";`,
        ],
        // A user that is logged in can be dropped; what it has open goes with it here, as operators have it.
        revocation_statements: [
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}'; REVOKE USAGE ON SCHEMA public FROM "{{name}}"; DROP ROLE IF EXISTS "{{name}}";`,
        ],
        default_ttl: ttl,
        max_ttl: maxTtl,
      });
    },
    async createStaticRole(name, user, rotationPeriod) {
      await postgres.query(`CREATE ROLE "${user}" WITH LOGIN PASSWORD 's3cret-fixture-before'`);
      await administrator.write(`database/static-roles/${name}`, {
        db_name: "postgres",
        username: user,
        rotation_period: rotationPeriod,
      });
    },
  };
}
