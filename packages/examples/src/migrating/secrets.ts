import { declareSecrets, object, type SecretsOf } from "@tacit/core";

export const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]) },
  stripe: { ref: "stripe/key" },
});

/** Returns the options for a database client, from the current values. */
export function connectionOptions(secrets: SecretsOf<typeof declared>): { user: string; password: string } {
  const { username, password } = secrets.latest("db").reveal();
  return { user: username, password };
}
