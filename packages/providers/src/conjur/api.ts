import type { ProviderHost } from "@tacit/core/provider";
import { StoreApi } from "../shared/store/store-api.ts";
import type { ConjurConnection, Environment } from "./environment.ts";
import { meaningOf, saysMissing } from "./errors.ts";
import { createLogin } from "./login/create-login.ts";

/** Connects to Conjur. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function createConjurApi(connection: ConjurConnection, environment: Environment, host: ProviderHost): StoreApi {
  const { url, options } = connection;
  return new StoreApi(
    {
      store: "Conjur",
      url,
      options,
      meaningOf,
      saysMissing,
      login: (parts) => createLogin(connection, environment, parts),
    },
    host,
  );
}
