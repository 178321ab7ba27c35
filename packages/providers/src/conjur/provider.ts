import type { Provider, ProviderHost, Supports } from "@tacit/core/provider";
import { quoted } from "../shared/quoted.ts";
import { type LoginParts, StoreApi } from "../shared/store/store-api.ts";
import type { StoreLogin } from "../shared/store/store-login.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { type Environment, resolveConnection } from "./environment.ts";
import { meaningOf, saysMissing } from "./errors.ts";
import { createLogin } from "./login/create-login.ts";
import type { ConjurOptions } from "./options.ts";
import { isDynamic } from "./path.ts";
import { Variables } from "./variables.ts";

/** What a `conjur` provider can do. */
export const conjurSupports: Supports = {
  payload: "value",
  versions: true,
  subscribe: false,
  conditional: true,
  // 50 ids of ordinary length are a URL that every proxy takes.
  batch: 50,
  defaultPollMs: 60_000,
};

/** Opens a provider; nothing is asked before the first call. @throws {SecretError} INVALID_CONFIG where nothing says where Conjur is or how to log in */
export function openConjurProvider(
  options: ConjurOptions,
  host: ProviderHost,
  environment: Environment = process.env,
): Provider {
  const connection = resolveConnection(options, environment);
  const { url, options: resolved } = connection;
  const login = (parts: LoginParts): StoreLogin => createLogin(connection, environment, parts);
  const api = new StoreApi({ store: "Conjur", url, options: resolved, login, meaningOf, saysMissing }, host);
  const variables = new Variables(api, connection.account, host);
  return createStoreProvider(
    {
      store: "Conjur",
      supports: conjurSupports,
      api,
      options: { ...resolved, auth: connection.auth },
      get: (request, context) => variables.read(request, context),
      more: { isDynamic, getMany: (requests, context) => variables.readMany(requests, context) },
      async check(context) {
        await api.request(whoAmI, context);
      },
      async identity(context) {
        const { username, account } = (await api.request(whoAmI, context)).record();
        // It is copied into a policy: what would have to be escaped is no id.
        const id = quoted(username) === `"${username}"` ? String(username) : undefined;
        return { who: `${quoted(username)} of the account ${quoted(account)} of Conjur`, id };
      },
      grantOf: (path, id) =>
        `- !permit { role: ${roleOf(id)}, privileges: [ read, execute ], resource: !variable ${path} } # in the root policy`,
    },
    host,
  );
}

const whoAmI = { path: "/whoami" };

/** As a policy at the root writes it. */
function roleOf(id = "host/…"): string {
  return id.startsWith("host/") ? `!host ${id.slice("host/".length)}` : `!user ${id}`;
}
