import { type CallContext, type ProviderHost, untilAborted } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpRequest } from "../http/client.ts";
import type { HttpStoreOptions } from "../store/options.ts";
import { type SendRequest, StoreApi } from "../store/store-api.ts";
import { type IssuedToken, tokenLogin } from "../store/token-login.ts";
import { claimsIn, parseChallenge } from "./azure-challenge.ts";
import type { AzureLogin } from "./azure-login.ts";
import { unmetClaims, type VaultRights, vaultError, vaultMeaning, vaultSaysMissing } from "./azure-vault-errors.ts";

/** The connection options of a vault. */
export interface AzureVaultOptions extends HttpStoreOptions {
  /** The address of the vault: `https://orders.vault.azure.net`. */
  readonly url: string;
}

/** The identity of this process at a vault: ids of the token, as far as they are known. */
export interface VaultIdentity {
  readonly client: string | undefined;
  readonly object: string | undefined;
  readonly tenant: string | undefined;
  /** The tenant of the vault. */
  readonly vaultTenant: string | undefined;
}

/** A client of one Key Vault: challenges, errors and lists. */
export class AzureVault {
  readonly #store: StoreApi;
  readonly #url: URL;
  readonly #login: AzureLogin;
  readonly #host: ProviderHost;
  /** The claims that the vault required when it refused the last token. */
  #claims: string | undefined;
  #identity: VaultIdentity = identityIn("", undefined);

  /** @param rights the permissions that the requests require @throws {SecretError} INVALID_CONFIG for an invalid address */
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

  /** The first part of the host, which is the name of the vault in commands. */
  get name(): string {
    return this.#url.hostname.split(".")[0] ?? "";
  }

  /** The identity of the last token, and the tenant of the vault; undefined members before the first login. */
  get identity(): VaultIdentity {
    return this.#identity;
  }

  /** Sends a request; returns undefined if the vault reports that the object does not exist. @throws {SecretError} as `StoreApi.find` does */
  async find(request: HttpRequest, context: CallContext): Promise<HttpAnswer | undefined> {
    try {
      return await this.#store.find({ ...request, query: { "api-version": apiVersion, ...request.query } }, context);
    } catch (error) {
      throw vaultError(error);
    }
  }

  /** Returns the query of the next page of a list; undefined if there is none. @throws {SecretError} INTERNAL `malformed-answer` */
  nextPage(answer: HttpAnswer): HttpRequest["query"] | undefined {
    const { nextLink } = answer.record();
    if (nextLink === undefined || nextLink === null || nextLink === "") return undefined;
    // Only the query of the link is used, so that a response cannot direct the token to another host.
    const isOwn = typeof nextLink === "string" && URL.canParse(nextLink) && new URL(nextLink).host === this.#url.host;
    if (!isOwn) throw answer.malformed("a link to a next page on another host");
    return Object.fromEntries(new URL(nextLink).searchParams);
  }

  /** Obtains a token. The vault answers a request without a token with its challenge. */
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

/** Supported by all clouds of Azure. */
const apiVersion = "7.4";

/** Returns the address of Entra in a national cloud; undefined in the public one. @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
function authorityOf(host: string): string | undefined {
  if (host.endsWith(".vault.azure.cn")) return "https://login.chinacloudapi.cn";
  if (host.endsWith(".vault.usgovcloudapi.net")) return "https://login.microsoftonline.us";
  return undefined;
}

/** Returns the ids in a token, which are not secret. */
function identityIn(token: string, vaultTenant: string | undefined): VaultIdentity {
  const { appid, azp, oid, tid } = claimsOf(token);
  return { client: idOf(appid) ?? idOf(azp), object: idOf(oid), tenant: idOf(tid), vaultTenant };
}

/** Decodes the claims of a token without verifying it, which the vault does. */
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

/** Returns a claim only if it has the form of an id, since it appears in messages. */
function idOf(claim: unknown): string | undefined {
  return typeof claim === "string" && /^[0-9a-zA-Z-]{1,64}$/.test(claim) ? claim : undefined;
}
