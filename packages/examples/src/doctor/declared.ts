import { declareSecrets, object, tlsPair } from "@tacit/core";

/** What the service declares; a doctor imports it, so that both ask for the same. */
export const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]), mask: { username: "never" } },
  tls: { ref: "tls", as: tlsPair(), optional: true },
});
