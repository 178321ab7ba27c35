import { declareSecrets, object, type SecretsOf } from "@tacit/core";

export const declared = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });

/** Makes the function that answers each request of an HTTP API. */
export function createHandler(secrets: SecretsOf<typeof declared>) {
  return async (): Promise<{ statusCode: number; body: string }> => {
    await secrets.ready(); // waits in the first call alone
    const db = await secrets.getSecret("db", { maxAge: "1m" }); // polls stand still while the instance is frozen
    return { statusCode: 200, body: `connected as ${db.reveal().username}` };
  };
}
