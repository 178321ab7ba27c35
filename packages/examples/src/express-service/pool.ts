import type { Derived, SecretsOf } from "@tacit/core";
import { Pool } from "pg";
import type { declared } from "./declared.ts";

/** The address of the database; omitted members come from `PGHOST`, `PGPORT` and `PGDATABASE`. */
export interface DatabaseAddress {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
}

/** Opens a pool for each credential. It logs in first, so a password that the database does not accept yet changes nothing. */
export function derivePool(secrets: SecretsOf<typeof declared>, address: DatabaseAddress = {}): Derived<Pool> {
  return secrets.derive("db", {
    async open(db) {
      const { username, password } = db.reveal();
      const pool = new Pool({ ...address, user: username, password, connectionTimeoutMillis: 5_000 });
      pool.on("error", () => undefined); // an idle connection broke; the next query opens another
      try {
        await pool.query("select 1");
        return pool;
      } catch (error) {
        await pool.end();
        throw error;
      }
    },
    close: (pool) => pool.end(), // after 30 s, for the queries that still use it
  });
}
