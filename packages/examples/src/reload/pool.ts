import type { Derived, SecretsOf } from "@tacit/core";
import type { declared } from "../testing/app.ts";

/** The pool of a database driver. */
export interface Pool {
  query(statement: string): Promise<unknown>;
  end(): Promise<void>;
}
type Connect = (credentials: { username: string; password: string }, signal: AbortSignal) => Promise<Pool>;

/** Opens one pool per value: `current` is the pool of the current value; the previous one is closed half a minute later. */
export function derivePool(secrets: SecretsOf<typeof declared>, connect: Connect): Derived<Pool> {
  return secrets.derive("db", {
    open: (db, signal) => connect(db.reveal(), signal),
    close: (pool) => pool.end(),
    grace: "30s",
  });
}
