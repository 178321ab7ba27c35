import type { Derived, SecretsOf } from "@tacit/core";
import { liveness, readiness, redactErrors, requestLog } from "@tacit/express";
import express, { type Express } from "express";
import morgan from "morgan";
import type { declared } from "./declared.ts";

/** The part of a pool that the routes use. */
export interface Database {
  query(statement: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The probes come before the log, the error middleware comes last. */
export function createApplication(secrets: SecretsOf<typeof declared>, database: Derived<Database>): Express {
  const application = express();
  application.get("/livez", liveness());
  application.get("/readyz", readiness(secrets));
  application.use(morgan("combined", { stream: requestLog(secrets) }));
  application.get("/login", async (_request, response) => {
    const { rows } = await database.current.query("select current_user as name");
    response.json(rows);
  });
  application.use(redactErrors(secrets));
  return application;
}
