import { declareSecrets, object, type SecretsOf } from "@tacit/core";

export const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]) },
  stripe: { ref: "stripe/key" },
});

/** What a database client is opened with; each call sees the values that are held then. */
export function connectionOptions(secrets: SecretsOf<typeof declared>): { user: string; password: string } {
  const { username, password } = secrets.latest("db").reveal();
  return { user: username, password };
}
