import { declareSecrets, object, type SecretsOf } from "@tacit/core";

export const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]) },
});

/** An application takes its client as a parameter; in production it comes from `createSecrets`. */
export function createApp(secrets: SecretsOf<typeof declared>): { login(): string; isHealthy(): boolean } {
  return {
    login: () => {
      const { username, password } = secrets.latest("db").reveal();
      return `${username}:${password}`;
    },
    isHealthy: () => secrets.health().status === "ok",
  };
}
