import type { ServerOptions } from "node:https";
import type { Adapter } from "@tacit/core/provider";
import { conjur } from "../../src/conjur/index.ts";
import type { ConjurOptions } from "../../src/conjur/options.ts";
import { openConjurProvider } from "../../src/conjur/provider.ts";
import type { DoubleAnswer } from "../http-double.ts";
import { StoreDouble, type StoreRequest } from "../store-double.ts";
import { openStoreFixture, type StoreFixture } from "../store-fixture.ts";

/** A Conjur of one account: authenticators, variables one by one and in a batch, 8-minute tokens by its own clock. */
export class ConjurDouble extends StoreDouble {
  readonly account = "acct";
  /** id -> value */
  readonly variables: Map<string, Uint8Array> = new Map();
  /** Ids that exist and that the host may not read. */
  readonly denied: Set<string> = new Set();
  apiKey = "s3cret-fixture-api-key";
  jwt = "s3cret-fixture-jwt";
  /** Whether tokens say their end; older servers' do not. */
  tellsEnd = true;
  /** Whether it knows the base64 of batches. */
  knowsBase64 = true;
  /** Issues a certificate for a request of a pod. */
  onInject: (request: StoreRequest) => Promise<void> = async () => undefined;
  /** token -> its end, by the clock of the double */
  readonly tokens: Map<string, number> = new Map();
  override expireLogins(): void {
    this.tokens.clear();
  }

  /** What a request for a variable asks for; undefined for any other request. */
  idsOf({ target, path, query }: StoreRequest): readonly string[] | undefined {
    const single = /^\/secrets\/acct\/variable\/([^?]+)/.exec(target)?.[1];
    if (single !== undefined) return [decodeURIComponent(single)];
    // The Go client ends the path with a slash and encodes everything, the Python client encodes nothing.
    if (!/^\/secrets\/?$/.test(path)) return undefined;
    return (query.variable_ids ?? "").split(",").map((id) => id.replace(/^acct:variable:/, ""));
  }

  protected override async answer(request: StoreRequest): Promise<DoubleAnswer> {
    const { method, path, headers, target } = request;
    if (/^\/authn/.test(path)) return this.#authenticate(request);
    const token = /^Token token="([A-Za-z0-9+/=]+)"$/.exec(headers.authorization ?? "")?.[1] ?? "";
    if ((this.tokens.get(token) ?? 0) <= this.#now()) return { status: 401 };
    if (path === "/whoami") return { body: { client_ip: "127.0.0.1", account: this.account, username: "host/app" } };
    const ids = this.idsOf(request);
    if (ids === undefined) return { status: 404, body: { error: "no route" } };
    if (method === "POST") {
      this.variables.set(ids[0] ?? "", Buffer.from(request.body));
      return { status: 201 };
    }
    if (target.includes("variable_ids=")) return this.#batch(ids, headers["accept-encoding"]);
    const refusal = this.#refusalOf(ids[0] ?? "");
    const body = this.variables.get(ids[0] ?? "");
    return refusal ?? { body: body ?? "", headers: { "content-type": "application/octet-stream" } };
  }

  #now(): number {
    return this.now?.() ?? Date.now();
  }

  #batch(ids: readonly string[], encoding: string | undefined): DoubleAnswer {
    const refusal = ids.map((id) => this.#refusalOf(id)).find((each) => each !== undefined);
    if (refusal !== undefined) return refusal;
    const isBase64 = encoding === "base64" && this.knowsBase64;
    const members = ids.map((id) => {
      const value = Buffer.from(this.variables.get(id) ?? "");
      return [`acct:variable:${id}`, isBase64 ? inLines(value.toString("base64")) : value.toString()];
    });
    return { body: Object.fromEntries(members) as object, headers: isBase64 ? { "content-encoding": "base64" } : {} };
  }

  #refusalOf(id: string): DoubleAnswer | undefined {
    if (this.denied.has(id)) return { status: 403 };
    if (this.variables.has(id)) return undefined;
    const message = `CONJ00076E Variable acct:variable:${id} is empty or not found.`;
    return { status: 404, body: { error: { code: "not_found", message, target: "variable", details: {} } } };
  }

  async #authenticate(request: StoreRequest): Promise<DoubleAnswer> {
    if (this.refusesLogins) return { status: 401 };
    const [, kind, path = ""] = /^\/(authn[\w-]*)\/(.*)$/.exec(request.target) ?? [];
    if (kind === "authn-k8s" && path === "prod/inject_client_cert") {
      await this.onInject(request);
      return { status: 202 };
    }
    return this.#isGood(kind, path, request) ? this.#token() : { status: 401 };
  }

  #isGood(kind: string | undefined, path: string, { body, peer }: StoreRequest): boolean {
    switch (kind) {
      case "authn":
        return path === "acct/host%2Fapp/authenticate" && body === this.apiKey;
      case "authn-jwt":
        return /^prod\/acct\/(apps%2Forders\/)?authenticate$/.test(path) && body === `jwt=${this.jwt}`;
      case "authn-cert":
        return /^prod\/acct\/(host%2Fapp\/)?authenticate$/.test(path) && peer !== undefined;
      case "authn-k8s":
        return path === "prod/acct/host%2Fapps%2Forders/authenticate" && peer === "orders";
      default:
        return false;
    }
  }

  #token(): DoubleAnswer {
    const iat = Math.floor(this.#now() / 1000);
    const claims = { sub: "host/app", iat, ...(this.tellsEnd && { exp: iat + 480 }) };
    const payload = Buffer.from(JSON.stringify(claims)).toString("base64");
    const signature = `s3cret-fixture-signature-${this.tokens.size}-${this.requests.length}`;
    const token = JSON.stringify({ protected: "eyJhbGciOiJ0ZXN0In0=", payload, signature });
    this.tokens.set(Buffer.from(token).toString("base64"), (iat + 480) * 1000);
    return { body: token, headers: { "content-type": "text/plain" } };
  }
}

/** As Ruby writes base64: a line end after each 60 characters. */
function inLines(text: string): string {
  return text.replace(/.{1,60}/g, (line) => `${line}\n`);
}

/** A double, and providers that see an environment of their own. */
export type ConjurFixture = StoreFixture<ConjurDouble> & { readonly environment: Record<string, string | undefined> };

/** Starts the double, over TLS where a certificate is given. Providers log in with an API key. */
export async function openFixture(
  members?: Parameters<typeof openStoreFixture>[1],
  secure?: ServerOptions,
  clock?: Parameters<typeof openStoreFixture>[2],
): Promise<ConjurFixture> {
  const environment: Record<string, string | undefined> = {};
  const adapter: Adapter<ConjurOptions> = {
    ...conjur,
    open: (options, host) => openConjurProvider(options, host, environment),
  };
  const fixture = await openStoreFixture<ConjurDouble>(
    {
      adapter,
      double: () => new ConjurDouble(secure),
      options: ({ double, file }) => ({
        url: double.url,
        account: double.account,
        auth: { method: "api-key", login: "host/app", apiKey: { $file: file("api-key", double.apiKey) } },
      }),
    },
    members,
    clock,
  );
  return Object.assign(fixture, { environment });
}
