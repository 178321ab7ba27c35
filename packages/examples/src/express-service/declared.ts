import { declareSecrets, object } from "@tacit/core";

/** What the service needs. A user name is masked nowhere: it is in every line that the database logs. */
export const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]), mask: { username: "never" } },
});
