import type { CallContext, Provider, ProviderHost, ProviderResult, Supports } from "@tacit/core/provider";
import { assertCurrent, notFound, unlessHeld } from "../shared/answer.ts";
import { StoreApi } from "../shared/store/store-api.ts";
import { bearerLogin, type StoreLogin } from "../shared/store/store-login.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { ambiguous, meaningOf, saysMissing } from "./errors.ts";
import { type Item, toItem, toWholeItem } from "./item.ts";
import { isId, parseItemPath } from "./item-path.ts";
import type { OnepasswordConnectOptions } from "./options.ts";
import { listOf, Vaults, vaultFindings } from "./vaults.ts";

/** What a `onepassword-connect` provider can do. */
export const onepasswordConnectSupports: Supports = {
  payload: "fields",
  versions: false,
  subscribe: false,
  conditional: true,
  defaultPollMs: 60_000,
};

/** Opens a provider; nothing is asked before the first call. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function openOnepasswordConnectProvider(options: OnepasswordConnectOptions, host: ProviderHost): Provider {
  const { url, auth } = options;
  const login = (): StoreLogin => bearerLogin(auth.token, "token", host);
  const parts = { store: "1Password Connect", url, options, login, meaningOf, saysMissing };
  const api = new StoreApi(parts, host);
  const vaults = new Vaults(api);
  return createStoreProvider(
    {
      store: parts.store,
      supports: onepasswordConnectSupports,
      api,
      options,
      async get(request, context): Promise<ProviderResult> {
        const { vault = options.vault, item } = parseItemPath(request.path);
        assertCurrent(request, "1Password Connect returns only the current version");
        const readItem = async (vaultId: string): Promise<ProviderResult> => {
          const found = isId(item) ? { id: item, version: undefined } : await findByTitle(api, vaultId, item, context);
          if (found === undefined) return notFound;
          // A list tells versions, so that what has not changed is not read.
          if (found.version !== undefined && found.version === request.ifVersion)
            return { status: "not-modified", version: found.version };
          const values = { vault: vaultId, item: found.id };
          const answer = await api.find({ path: "/v1/vaults/{vault}/items/{item}", values }, context);
          if (answer === undefined) return notFound;
          const { version, updatedAt: createdAt, fields } = toWholeItem(answer, found.id);
          return unlessHeld({ status: "ok", payload: { kind: "fields", fields }, version, createdAt }, request);
        };
        return vaults.use(vault, readItem, context);
      },
      async check(context) {
        await vaults.list(context);
      },
      findings: async (context) => vaultFindings(await vaults.list(context)),
      grantOf: (path) => `read access to the vault "${parseItemPath(path).vault ?? options.vault}" for the token`,
    },
    host,
  );
}

/** Undefined where no item has that title. @throws {SecretError} INVALID_VALUE `ambiguous` */
async function findByTitle(
  api: StoreApi,
  vault: string,
  title: string,
  context: CallContext,
): Promise<Item | undefined> {
  const query = { filter: `title eq "${title}"` };
  const answer = await api.request({ path: "/v1/vaults/{vault}/items", values: { vault }, query }, context);
  const found = listOf(answer).filter((each) => each.title === title);
  if (found.length > 1)
    throw ambiguous(`${found.length} items of the vault have that title`, "Rename all but one, or bind an item's id.");
  return found[0] === undefined ? undefined : toItem(found[0], answer);
}
