import { randomBytes } from "node:crypto";
import type { ServerOptions } from "node:https";
import type { DoubleAnswer } from "../http-double.ts";
import { jsonOf, StoreDouble, type StoreRequest } from "../store-double.ts";
import { EntraDouble, tenantId } from "./entra.ts";
import { KeysDouble } from "./keys.ts";

/** Seconds of the epoch, as a vault has them. */
export interface Attributes {
  readonly enabled?: boolean;
  readonly nbf?: number;
  readonly exp?: number;
  readonly created?: number;
}

interface StoredVersion {
  readonly id: string;
  readonly value: string;
  readonly contentType?: string | undefined;
  attributes: Attributes;
}

/** One vault with its keys and its challenge, and Entra beside it. Times are exact to the second, `nbf` and `exp` bind nobody, names know no case. */
export class KeyVaultDouble extends StoreDouble {
  readonly entra: EntraDouble = new EntraDouble();
  /** The resource of its tokens; by default its own address. */
  resource: string | undefined;
  /** Takes the place of the header of a challenge. */
  challenge: string | undefined;
  /** Whether this identity may. */
  allows: (name: string) => boolean = () => true;
  /** Lets no token from before count any more, as a continuous access evaluation does. */
  isRevoked = false;
  /** How many versions a page has. */
  pageSize = 25;
  /** name in lower case -> versions, oldest first */
  readonly #secrets = new Map<string, StoredVersion[]>();
  readonly #keys = new KeysDouble();
  readonly #deleted = new Map<string, StoredVersion[]>();

  constructor(secure?: ServerOptions) {
    super(secure);
  }

  /** Adds a version, and answers its id. */
  put(
    name: string,
    value: string,
    { contentType, ...attributes }: Attributes & { readonly contentType?: string } = {},
  ): string {
    const versions = this.#secrets.get(name.toLowerCase()) ?? [];
    this.#secrets.set(name.toLowerCase(), versions);
    this.#deleted.delete(name.toLowerCase());
    const created = Math.floor((this.now?.() ?? Date.now()) / 1000);
    const id = randomBytes(16).toString("hex");
    versions.push({ id, value, contentType, attributes: { enabled: true, created, ...attributes } });
    return id;
  }

  /** Changes the attributes of a version; by default of the newest. */
  change(name: string, attributes: Attributes, id?: string): void {
    const versions = this.#secrets.get(name.toLowerCase()) ?? [];
    const version = id === undefined ? versions.at(-1) : versions.find((each) => each.id === id);
    if (version !== undefined) version.attributes = { ...version.attributes, ...attributes };
  }

  /** Takes the newest version away, which no vault can. */
  withdraw(name: string): void {
    this.#secrets.get(name.toLowerCase())?.pop();
  }

  remove(name: string): void {
    const versions = this.#secrets.get(name.toLowerCase());
    if (versions !== undefined) this.#deleted.set(name.toLowerCase(), versions);
    this.#secrets.delete(name.toLowerCase());
  }

  override expireLogins(): void {
    this.entra.expire();
  }

  protected override answer(request: StoreRequest): DoubleAnswer {
    this.entra.refusesLogins = this.refusesLogins;
    const origin = `https://${request.headers.host}`;
    const fromEntra = this.entra.answer(request, origin);
    if (fromEntra !== undefined) return fromEntra;
    const resource = this.resource ?? this.url;
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!this.entra.accepts(token, resource, this.isRevoked)) return this.#refuse(token, resource);
    const [kind, name = "", tail] = request.path.split("/").filter((each) => each !== "");
    if (kind === "deletedsecrets") return this.#findDeleted(name);
    if (kind === "keys")
      return this.allows(name) ? this.#keys.answer(request, origin) : vaultError(403, "Forbidden", "ForbiddenByRbac");
    if (kind !== "secrets") return vaultError(404, "NotFound");
    if (!this.allows(name)) return vaultError(403, "Forbidden", "ForbiddenByRbac");
    if (tail === "versions") return this.#list(request, name);
    return this.#secret(request, name, tail);
  }

  #refuse(token: string, resource: string): DoubleAnswer {
    const authorization = `authorization="https://login.microsoftonline.com/${tenantId}"`;
    const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1"}}}').toString("base64");
    const isCae = this.isRevoked && token !== "";
    const header = isCae
      ? `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${claims}"`
      : (this.challenge ?? `Bearer ${authorization}, resource="${resource}"`);
    return { ...vaultError(401, "Unauthorized"), headers: { "www-authenticate": header } };
  }

  #findDeleted(name: string): DoubleAnswer {
    return this.#deleted.has(name.toLowerCase())
      ? { body: { id: `${this.#base(name)}`, recoveryId: `${this.url}/deletedsecrets/${name}`, attributes: {} } }
      : vaultError(404, "SecretNotFound");
  }

  #list({ query }: StoreRequest, name: string): DoubleAnswer {
    const versions = this.#secrets.get(name.toLowerCase());
    if (versions === undefined) return vaultError(404, "SecretNotFound");
    const from = Number(query.$skiptoken ?? 0);
    const size = Math.min(this.pageSize, Number(query.maxresults ?? 25));
    const value = versions.slice(from, from + size).map((version) => this.#described(name, version));
    const next = `${this.#origin()}/secrets/${name}/versions?api-version=7.4&$skiptoken=${from + size}&maxresults=${size}`;
    return { body: { value, nextLink: from + size < versions.length ? next : null } };
  }

  #secret(request: StoreRequest, name: string, id: string | undefined): DoubleAnswer {
    if (request.method === "PUT") return this.#set(request, name);
    const versions = this.#secrets.get(name.toLowerCase());
    const version = id === undefined ? versions?.at(-1) : versions?.find((each) => each.id === id);
    if (version === undefined) return vaultError(404, "SecretNotFound");
    if (request.method === "DELETE") {
      this.remove(name);
      return { body: { ...this.#described(name, version), recoveryId: `${this.#origin()}/deletedsecrets/${name}` } };
    }
    if (request.method === "PATCH") this.change(name, (jsonOf(request).attributes ?? {}) as Attributes, version.id);
    else if (version.attributes.enabled === false) return vaultError(403, "Forbidden", "SecretDisabled");
    return { body: { ...(request.method === "GET" && { value: version.value }), ...this.#described(name, version) } };
  }

  #set(request: StoreRequest, name: string): DoubleAnswer {
    const { value, contentType, attributes } = jsonOf(request) as {
      readonly value: string;
      readonly contentType?: string;
      readonly attributes?: Attributes;
    };
    this.put(name, value, { ...attributes, ...(contentType !== undefined && { contentType }) });
    const version = this.#secrets.get(name.toLowerCase())?.at(-1) as StoredVersion;
    return { body: { value, ...this.#described(name, version) } };
  }

  #described(name: string, { id, contentType, attributes }: StoredVersion): object {
    const recovery = { recoveryLevel: "Recoverable+Purgeable", recoverableDays: 90, updated: attributes.created };
    return { id: `${this.#base(name)}/${id}`, contentType, attributes: { ...attributes, ...recovery } };
  }

  #base(name: string): string {
    return `${this.#origin()}/secrets/${name}`;
  }

  /** As links and ids have it. */
  #origin(): string {
    return this.origin ?? this.url;
  }

  /** Scheme and host by which clients know it; by default where it listens. */
  origin: string | undefined;
}

/** An error as a vault writes it. The message quotes, as a hostile or careless server may. */
export function vaultError(status: number, code: string, inner?: string): DoubleAnswer {
  const message = "s3cret-fixture-of-a-message";
  return { status, body: { error: { code, message, ...(inner !== undefined && { innererror: { code: inner } }) } } };
}
