import { declareSecrets, object, type SecretsOf } from "@tacit/core";

export const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]) },
});

/** Creates the application with a client, which in production comes from `createSecrets`. */
export function createApp(secrets: SecretsOf<typeof declared>): { login(): string; isHealthy(): boolean } {
  return {
    login: () => {
      const { username, password } = secrets.latest("db").reveal();
      return `${username}:${password}`;
    },
    isHealthy: () => secrets.health().status === "ok",
  };
}
