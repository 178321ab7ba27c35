import { type CallContext, type ProviderHost, untilAborted } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpRequest } from "../http/client.ts";
import type { HttpStoreOptions } from "../store/options.ts";
import { type SendRequest, StoreApi } from "../store/store-api.ts";
import { type IssuedToken, tokenLogin } from "../store/token-login.ts";
import { claimsIn, parseChallenge } from "./azure-challenge.ts";
import type { AzureLogin } from "./azure-login.ts";
import { unmetClaims, type VaultRights, vaultError, vaultMeaning, vaultSaysMissing } from "./azure-vault-errors.ts";

/** Where a vault is, and the way there. */
export interface AzureVaultOptions extends HttpStoreOptions {
  /** `https://orders.vault.azure.net`. */
  readonly url: string;
}

/** Whom a vault takes this process for, as far as it is known. */
export interface VaultIdentity {
  readonly client: string | undefined;
  readonly object: string | undefined;
  readonly tenant: string | undefined;
  /** Of the vault. */
  readonly vaultTenant: string | undefined;
}

/** One Key Vault: what it demands of tokens, its errors and its lists. */
export class AzureVault {
  readonly #store: StoreApi;
  readonly #url: URL;
  readonly #login: AzureLogin;
  readonly #host: ProviderHost;
  /** What the vault demanded when it refused a token. */
  #claims: string | undefined;
  #identity: VaultIdentity = identityIn("", undefined);

  /** @param rights to what is read @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
  constructor(options: AzureVaultOptions, rights: VaultRights, login: AzureLogin, host: ProviderHost) {
    this.#login = login;
    this.#host = host;
    this.#store = new StoreApi(
      {
        store: "Key Vault",
        url: options.url,
        options,
        login: ({ send }) =>
          tokenLogin(
            {
              issue: (context) => this.#issue(send, `/${rights.collection}`, context),
              headers: (token) => ({ authorization: `Bearer ${token}` }),
            },
            host,
          ),
        meaningOf: (answer) => {
          if (answer.status !== 401) return vaultMeaning(answer, rights);
          this.#claims = claimsIn(answer.header("www-authenticate"));
          return this.#claims === undefined ? vaultMeaning(answer, rights) : unmetClaims;
        },
        saysMissing: vaultSaysMissing,
      },
      host,
    );
    this.#url = new URL(options.url);
  }

  get store(): StoreApi {
    return this.#store;
  }

  /** The first part of the host, by which commands call the vault. */
  get name(): string {
    return this.#url.hostname.split(".")[0] ?? "";
  }

  /** Whom the token is for, and the tenant of the vault, both once there was a login. */
  get identity(): VaultIdentity {
    return this.#identity;
  }

  /** Asks for something; undefined where the vault says that there is none. @throws {SecretError} what a request throws */
  async find(request: HttpRequest, context: CallContext): Promise<HttpAnswer | undefined> {
    try {
      return await this.#store.find({ ...request, query: { "api-version": apiVersion, ...request.query } }, context);
    } catch (error) {
      throw vaultError(error);
    }
  }

  /** The query of the next page of a list; undefined where there is none. */
  nextPage(answer: HttpAnswer): HttpRequest["query"] | undefined {
    const { nextLink } = answer.record();
    if (nextLink === undefined || nextLink === null || nextLink === "") return undefined;
    // The link is not followed: only its query is taken, so no answer decides where a token goes.
    const isOwn = typeof nextLink === "string" && URL.canParse(nextLink) && new URL(nextLink).host === this.#url.host;
    if (!isOwn) throw answer.malformed("a link to a next page on another host");
    return Object.fromEntries(new URL(nextLink).searchParams);
  }

  /** The unauthenticated question is what the vault answers with its demand. */
  async #issue(send: SendRequest, path: string, context: CallContext): Promise<IssuedToken> {
    const request = { path, query: { "api-version": apiVersion, maxresults: 1 }, accept: [401] };
    const answer = await send(request, context);
    if (answer.status !== 401) throw answer.malformed("a list, without a login");
    const challenge = parseChallenge(answer.header("www-authenticate"), this.#url.hostname);
    const claims = this.#claims;
    this.#claims = undefined;
    const { scope } = challenge;
    const question = { scope, claims, authorityHost: authorityOf(this.#url.hostname) };
    const issued = await untilAborted(
      this.#login.token(question, { signal: context.signal, host: this.#host }),
      context.signal,
    );
    this.#identity = identityIn(issued.token, challenge.tenantId);
    return issued;
  }
}

/** Known by every cloud of Azure. */
const apiVersion = "7.4";

/** Where Entra is for the clouds that have one of their own. @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
function authorityOf(host: string): string | undefined {
  if (host.endsWith(".vault.azure.cn")) return "https://login.chinacloudapi.cn";
  if (host.endsWith(".vault.usgovcloudapi.net")) return "https://login.microsoftonline.us";
  return undefined;
}

/** Reads the ids in a token, which are no secrets. */
function identityIn(token: string, vaultTenant: string | undefined): VaultIdentity {
  const { appid, azp, oid, tid } = claimsOf(token);
  return { client: idOf(appid) ?? idOf(azp), object: idOf(oid), tenant: idOf(tid), vaultTenant };
}

/** The claims are read, not checked: that is what the vault does. */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())) as Record<
      string,
      unknown
    >;
  } catch {
    return {};
  }
}

/** Anything else that a token might hold there is not told. */
function idOf(claim: unknown): string | undefined {
  return typeof claim === "string" && /^[0-9a-zA-Z-]{1,64}$/.test(claim) ? claim : undefined;
}
