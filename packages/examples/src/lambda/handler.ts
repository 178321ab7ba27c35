import { declareSecrets, object, type SecretsOf } from "@tacit/core";

export const declared = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });

/** Returns the handler of an HTTP API. */
export function createHandler(secrets: SecretsOf<typeof declared>) {
  return async (): Promise<{ statusCode: number; body: string }> => {
    await secrets.ready(); // only the first call waits
    const db = await secrets.getSecret("db", { maxAge: "1m" }); // polls stop while the instance is frozen
    return { statusCode: 200, body: `connected as ${db.reveal().username}` };
  };
}
