import type { Derived, SecretsOf } from "@tacit/core";
import type { declared } from "../testing/app.ts";

/** The part of a driver's pool that a query needs. */
interface Queries {
  query(statement: string): Promise<unknown>;
}

/**
 * Runs a statement in the present pool. Where the database refuses the login, the secret is read again, which brings a pool
 * with the new one, and the statement runs there. Only a refused login may be repeated: then nothing has run.
 */
export function query(
  secrets: SecretsOf<typeof declared>,
  pools: Derived<Queries>,
  statement: string,
): Promise<unknown> {
  return secrets.use("db", () => pools.current.query(statement), { rejected: isLoginRefused });
}

/** PostgreSQL: invalid_password, invalid_authorization_specification. */
function isLoginRefused(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "28P01" || code === "28000";
}
