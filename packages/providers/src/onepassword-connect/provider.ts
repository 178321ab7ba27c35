import {
  type CallContext,
  type Finding,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type Supports,
} from "@tacit/core/provider";
import { assertCurrent, notFound, unlessHeld } from "../shared/answer.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { quoted } from "../shared/quoted.ts";
import { StoreApi } from "../shared/store/store-api.ts";
import { bearerLogin, type StoreLogin } from "../shared/store/store-login.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { ambiguous, meaningOf, noVault, saysMissing } from "./errors.ts";
import { type Item, toItem, toWholeItem } from "./item.ts";
import { isId, parseItemPath } from "./item-path.ts";
import type { OnepasswordConnectOptions } from "./options.ts";

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
  const lookup = new ItemLookup(new StoreApi(parts, host));
  return createStoreProvider(
    {
      store: parts.store,
      supports: onepasswordConnectSupports,
      api: lookup.api,
      options,
      async get(request, context): Promise<ProviderResult> {
        const { vault = options.vault, item } = parseItemPath(request.path);
        assertCurrent(request, "1Password Connect returns only the current version");
        const vaultId = await lookup.vaultId(vault, context);
        const found = isId(item) ? { id: item, version: undefined } : await lookup.byTitle(vaultId, item, context);
        if (found === undefined) return notFound;
        // A list tells versions, so that what has not changed is not read.
        if (found.version !== undefined && found.version === request.ifVersion)
          return { status: "not-modified", version: found.version };
        const answer = await lookup.item(vaultId, found.id, context);
        if (answer === undefined) return notFound;
        const { version, updatedAt: createdAt, fields } = toWholeItem(answer, found.id);
        return unlessHeld({ status: "ok", payload: { kind: "fields", fields }, version, createdAt }, request);
      },
      async check(context) {
        await lookup.api.request(vaults, context);
      },
      findings: (context) => vaultFindings(lookup.api, context),
      grantOf: (path) => `read access to the vault "${parseItemPath(path).vault ?? options.vault}" for the token`,
    },
    host,
  );
}

const vaults = { path: "/v1/vaults" };

/** Finds ids by names, as the API asks for ids. */
class ItemLookup {
  readonly api: StoreApi;
  /** name -> id; a name that turns out to lead nowhere is looked up again */
  readonly #vaultIds = new Map<string, string>();

  constructor(api: StoreApi) {
    this.api = api;
  }

  /** @throws {SecretError} INVALID_CONFIG `no-store` */
  async vaultId(vault: string, context: CallContext): Promise<string> {
    const known = isId(vault) ? vault : this.#vaultIds.get(vault);
    if (known !== undefined) return known;
    // The manual filters by name, the SDKs by title: a token reads so few that none is needed.
    const found = listOf(await this.api.request(vaults, context)).filter(({ name }) => name === vault);
    const id = found[0]?.id;
    if (found.length !== 1 || typeof id !== "string") throw noVault(found.length);
    this.#vaultIds.set(vault, id);
    return id;
  }

  /** Undefined where no item has that title. @throws {SecretError} INVALID_VALUE `ambiguous` */
  async byTitle(vault: string, title: string, context: CallContext): Promise<Item | undefined> {
    const query = { filter: `title eq "${title}"` };
    try {
      const path = "/v1/vaults/{vault}/items";
      const answer = await this.api.request({ path, values: { vault }, query }, context);
      const found = listOf(answer).filter((each) => each.title === title);
      if (found.length > 1) {
        throw ambiguous(
          `${found.length} items of the vault have that title`,
          "Rename all but one, or bind an item's id.",
        );
      }
      return found[0] === undefined ? undefined : toItem(found[0], answer);
    } catch (error) {
      // The vault may have been made anew under its name.
      if (isSecretError(error, "PERMISSION_DENIED", "INTERNAL")) this.#vaultIds.clear();
      throw error;
    }
  }

  /** Undefined where the item is gone. */
  item(vault: string, item: string, context: CallContext): Promise<HttpAnswer | undefined> {
    return this.api.find({ path: "/v1/vaults/{vault}/items/{item}", values: { vault, item } }, context);
  }
}

/** @throws {SecretError} INTERNAL `malformed-answer` */
function listOf(answer: HttpAnswer): readonly Readonly<Record<string, unknown>>[] {
  const list = answer.json();
  if (!Array.isArray(list)) throw answer.malformed("no list");
  return list.map((each) => Object(each) as Readonly<Record<string, unknown>>);
}

/** Tells what the token may read: whoever has it reads all of that. */
async function vaultFindings(api: StoreApi, context: CallContext): Promise<readonly Finding[]> {
  const names = listOf(await api.request(vaults, context)).map(({ name }) => quoted(name));
  const identity: Finding = {
    level: "info",
    code: "identity",
    message: `the token reads the vaults ${names.join(", ")}`,
  };
  if (names.length < 2) return [identity];
  const tip = "Create a token with read access to the one vault of this application.";
  return [identity, { level: "warning", code: "token-wide", message: "the token reads more than one vault", tip }];
}
