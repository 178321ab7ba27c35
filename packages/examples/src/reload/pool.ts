import type { Derived, SecretsOf } from "@tacit/core";
import type { declared } from "../testing/app.ts";

/** What a database driver's pool looks like. */
export interface Pool {
  query(statement: string): Promise<unknown>;
  end(): Promise<void>;
}
type Connect = (credentials: { username: string; password: string }, signal: AbortSignal) => Promise<Pool>;

/** One pool per value: `current` is always the one of the value in use; the one before it ends half a minute later. */
export function derivePool(secrets: SecretsOf<typeof declared>, connect: Connect): Derived<Pool> {
  return secrets.derive("db", {
    open: (db, signal) => connect(db.reveal(), signal),
    close: (pool) => pool.end(),
    grace: "30s",
  });
}
