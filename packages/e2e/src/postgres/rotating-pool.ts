import type { Derived, DeriveOptions } from "@tacit/core";
import pg from "pg";

/** What a database asks of whoever logs in. */
export interface DatabaseCredential {
  readonly username: string;
  readonly password: string;
}

/** The part of a client that a pool needs. */
interface DatabaseSecrets {
  derive<R>(alias: "db", options: DeriveOptions<DatabaseCredential, R>): Derived<R>;
}

/** How long a pool that was replaced may go on with what it has begun. */
const graceMs = 1000;

/**
 * One pool per credential: `current` is always the one of the credential in use. A new credential counts only once a
 * connection stands with it, and the pool before it ends a second later, when its queries are done.
 */
export function createRotatingPool(secrets: DatabaseSecrets, place: pg.PoolConfig): Derived<pg.Pool> {
  return secrets.derive("db", {
    async open(secret) {
      const { username: user, password } = secret.reveal();
      const pool = new pg.Pool({ ...place, user, password });
      // A connection that ends while nobody uses it; the next query opens another one.
      pool.on("error", () => undefined);
      try {
        (await pool.connect()).release();
        return pool;
      } catch (error) {
        await pool.end();
        throw error;
      }
    },
    close: (pool) => pool.end(),
    grace: graceMs,
  });
}

/** Whether the database refuses the user of a connection, or has ended the connection because that user is gone. */
export function isCredentialRefused(error: unknown): boolean {
  return error instanceof pg.DatabaseError && refusals.has(error.code ?? "");
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const refusals: ReadonlySet<string> = new Set([
  "28P01", // invalid_password, and what a user who does not exist is told
  "28000", // invalid_authorization_specification
  "57P01", // admin_shutdown: the connection was ended from outside
]);
