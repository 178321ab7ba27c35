import type { ServerOptions } from "node:https";
import type { Adapter } from "@tacit/core/provider";
import { conjur } from "../../src/conjur/index.ts";
import type { ConjurOptions } from "../../src/conjur/options.ts";
import { openConjurProvider } from "../../src/conjur/provider.ts";
import { checkSignature, type KnownKey, signingTime } from "../aws-signature.ts";
import type { DoubleAnswer } from "../http-double.ts";
import { audienceOf } from "../metadata-double.ts";
import { StoreDouble, type StoreRequest } from "../store-double.ts";
import { openStoreFixture, type StoreFixture } from "../store-fixture.ts";

/** A Conjur of one account: authenticators, variables one by one and in a batch, 8-minute tokens by its own clock. */
export class ConjurDouble extends StoreDouble {
  readonly account = "acct";
  readonly variables: VariableVersions = new VariableVersions();
  /** Ids that exist and that the host may not read. */
  readonly denied: Set<string> = new Set();
  apiKey = "s3cret-fixture-api-key";
  jwt = "s3cret-fixture-jwt";
  /** What AWS knows of this process. */
  awsKey: KnownKey = { accessKeyId: "AKIAFIXTURE", secretAccessKey: "s3cret-fixture-aws" };
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
    const resource = /^\/resources\/acct\/variable\/([^?]+)/.exec(target)?.[1];
    if (resource !== undefined) return this.#resource(decodeURIComponent(resource));
    const ids = this.idsOf(request);
    if (ids === undefined) return { status: 404, body: { error: "no route" } };
    if (method === "POST") {
      this.variables.set(ids[0] ?? "", Buffer.from(request.body));
      return { status: 201 };
    }
    if (target.includes("variable_ids=")) return this.#batch(ids, headers["accept-encoding"]);
    const [id = ""] = ids;
    const refusal = this.#refusalOf(id, request.query.version);
    const body = this.variables.version(id, request.query.version);
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

  #resource(id: string): DoubleAnswer {
    // Whoever has any right on a variable is shown it; one that is not there is hidden alike.
    if (!this.variables.has(id)) return notFound(`Variable 'acct:variable:${id}' not found`);
    const secrets = this.variables.numbers(id).map((version) => ({ version, expires_at: null }));
    return {
      body: { id: `acct:variable:${id}`, owner: "acct:policy:root", permissions: [], annotations: [], secrets },
    };
  }

  #refusalOf(id: string, version?: string): DoubleAnswer | undefined {
    if (this.denied.has(id)) return { status: 403 };
    if (this.variables.version(id, version) !== undefined) return undefined;
    return notFound(`CONJ00076E Variable acct:variable:${id} is empty or not found.`);
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
    const isHost = path === "prod/acct/host%2Fapp/authenticate";
    switch (kind) {
      case "authn-ldap":
        return path === "prod/acct/app/authenticate" && body === this.apiKey;
      case "authn-oidc":
        return path === "prod/acct/authenticate" && body === `id_token=${this.jwt}`;
      case "authn-iam":
        return path === "prod/acct/host%2Fapp%2F123456789012%2Forders/authenticate" && this.#isSigned(body);
      case "authn-azure":
        return isHost && audienceOf(new URLSearchParams(body).get("jwt")) === "https://management.azure.com/";
      case "authn-gcp":
        return (
          path === "acct/authenticate" && audienceOf(new URLSearchParams(body).get("jwt")) === "conjur/acct/host/app"
        );
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

  /** As Conjur does: it puts the question to the STS that the headers name, and takes no other host than one of AWS. */
  #isSigned(body: string): boolean {
    const sent = Object.entries(JSON.parse(body) as Record<string, string>);
    const headers = Object.fromEntries(sent.map(([name, value]) => [name.toLowerCase(), value]));
    const [, region = "us-east-1"] = /^sts(?:\.([a-z0-9-]+))?\.amazonaws\.com$/.exec(headers.host ?? "") ?? [];
    const url = new URL(`https://${headers.host}/?Action=GetCallerIdentity&Version=2011-06-15`);
    const request = { method: "GET", url, body: "", headers };
    const checked = checkSignature(request, this.awsKey);
    const isInTime = Math.abs(signingTime(request) - this.#now()) < 300_000;
    return isInTime && checked?.service === "sts" && checked.region === region;
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

/** The values of variables with their history. Conjur counts the versions of each, and keeps 20. */
class VariableVersions extends Map<string, Uint8Array> {
  /** id -> its versions, oldest first */
  readonly #history = new Map<string, { readonly number: number; readonly value: Uint8Array }[]>();

  override set(id: string, value: Uint8Array): this {
    const versions = this.#history.get(id) ?? [];
    const number = (versions.at(-1)?.number ?? 0) + 1;
    this.#history.set(id, [...versions, { number, value }].slice(-20));
    return super.set(id, value);
  }

  override delete(id: string): boolean {
    this.#history.delete(id);
    return super.delete(id);
  }

  numbers(id: string): readonly number[] {
    return (this.#history.get(id) ?? []).map(({ number }) => number);
  }

  /** Default: the newest. */
  version(id: string, number?: string): Uint8Array | undefined {
    if (number === undefined) return this.get(id);
    return this.#history.get(id)?.find((version) => `${version.number}` === number)?.value;
  }
}

function notFound(message: string): DoubleAnswer {
  return { status: 404, body: { error: { code: "not_found", message, target: "variable", details: {} } } };
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
