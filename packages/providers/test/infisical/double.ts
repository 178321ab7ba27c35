import type { ServerOptions } from "node:https";
import type { Adapter } from "@tacit/core/provider";
import { infisical } from "../../src/infisical/index.ts";
import type { InfisicalOptions } from "../../src/infisical/options.ts";
import { openInfisicalProvider } from "../../src/infisical/provider.ts";
import { checkSignature, type KnownKey, signingTime } from "../aws-signature.ts";
import type { DoubleAnswer } from "../http-double.ts";
import { audienceOf } from "../metadata-double.ts";
import { jsonOf, StoreDouble, type StoreRequest } from "../store-double.ts";
import { openStoreFixture, type StoreFixture } from "../store-fixture.ts";

/** An Infisical of one project and environment: machine identities, secrets with versions, leases of dynamic secrets. */
export class InfisicalDouble extends StoreDouble {
  /** `/folder/NAME` -> its versions, oldest first */
  readonly secrets: Map<string, string[]> = new Map();
  /** `/folder/name` -> how long its leases live */
  readonly dynamic: Map<string, number> = new Map();
  /** id -> its end */
  readonly leases: Map<string, number> = new Map();
  readonly credentials: Readonly<Record<string, unknown>>[] = [
    { clientId: "s3cret-fixture-id", clientSecret: "s3cret-fixture-secret" },
    { identityId: "id-1", jwt: "s3cret-fixture-jwt" },
    { identityId: "id-1", username: "app", password: "s3cret-fixture-password" },
  ];
  /** What AWS knows of this process. */
  awsKey: KnownKey = { accessKeyId: "AKIAFIXTURE", secretAccessKey: "s3cret-fixture-aws" };
  readonly tokens: Set<string> = new Set();
  /** How far a lease can be prolonged. */
  longestMs = 600_000;

  override expireLogins(): void {
    this.tokens.clear();
  }

  protected override answer(request: StoreRequest): DoubleAnswer {
    const { path, query, headers } = request;
    const method = /^\/api\/v1\/auth\/([a-z-]+)-auth\/login$/.exec(path)?.[1];
    if (method !== undefined) return this.#login(method, request);
    const token = headers.authorization?.replace(/^Bearer /, "") ?? "";
    if (!this.tokens.has(token)) return failure(403, "TokenError", "Your token has expired. Please re-authenticate.");
    if (path.startsWith("/api/v1/dynamic-secrets/leases")) return this.#lease(request);
    if (query.workspaceId !== "p-1")
      return failure(404, "NotFound", `Project with ID '${query.workspaceId}' not found`);
    if (query.environment !== "prod")
      return failure(404, "NotFound", `Environment with slug '${query.environment}' not found`);
    if (path === "/api/v1/folders") return { body: { folders: [] } };
    const name = /^\/api\/v3\/secrets\/raw\/(.+)$/.exec(path)?.[1];
    if (request.method !== "GET" || name === undefined) return failure(404, "NotFound", "Route not found");
    return this.#secret(`${query.secretPath?.replace(/\/$/, "")}/${name}`, name, query.version);
  }

  #login(method: string, request: StoreRequest): DoubleAnswer {
    if (this.refusesLogins || !this.#isKnown(method, request))
      return failure(401, "UnauthorizedError", "Invalid credentials");
    const accessToken = `s3cret-fixture-token-${this.requests.length}`;
    this.tokens.add(accessToken);
    return { body: { accessToken, expiresIn: 7200, accessTokenMaxTTL: 43_200, tokenType: "Bearer" } };
  }

  #isKnown(method: string, request: StoreRequest): boolean {
    const sent = jsonOf(request);
    switch (method) {
      case "aws":
        return sent.identityId === "id-1" && this.#isSigned(sent);
      case "azure":
        return sent.identityId === "id-1" && audienceOf(sent.jwt) === "https://management.azure.com/";
      case "gcp":
        return sent.identityId === "id-1" && audienceOf(sent.jwt) === "id-1";
      case "tls-cert":
        return sent.identityId === "id-1" && request.peer === "orders";
      default:
        return this.credentials.some((each) => JSON.stringify(each) === JSON.stringify(sent));
    }
  }

  /** As Infisical does: it puts the question to the STS of the region that the signature names. */
  #isSigned({ iamHttpRequestMethod: method, iamRequestBody, iamRequestHeaders }: Record<string, unknown>): boolean {
    const [body, json] = [iamRequestBody, iamRequestHeaders].map((part) =>
      Buffer.from(String(part), "base64").toString(),
    );
    const { Authorization: authorization = "", ...others } = JSON.parse(json ?? "{}") as Record<string, string>;
    const headers = Object.fromEntries(Object.entries(others).map(([name, value]) => [name.toLowerCase(), value]));
    const region = authorization.split("/")[2];
    const url = new URL(`https://sts.${region}.amazonaws.com`);
    const signed = { method: String(method), url, body: body ?? "", headers: { ...headers, authorization } };
    const isInTime = Math.abs(signingTime(signed) - (this.now?.() ?? Date.now())) < 300_000;
    return isInTime && headers.host === url.host && checkSignature(signed, this.awsKey)?.service === "sts";
  }

  #secret(key: string, name: string, wanted: string | undefined): DoubleAnswer {
    const versions = this.secrets.get(key) ?? [];
    const version = wanted === undefined ? versions.length : Number(wanted);
    const value = versions[version - 1];
    if (value === undefined) return failure(404, "NotFound", `Secret with name '${name}' not found`);
    const secret = {
      id: "00000000-0000-0000-0000-000000000001",
      secretKey: name,
      secretValue: value,
      secretValueHidden: false,
      version,
      isRotatedSecret: false,
      updatedAt: "2026-01-02T03:04:05.000Z",
    };
    return { body: { secret } };
  }

  #lease(request: StoreRequest): DoubleAnswer {
    const { path, dynamicSecretName: name, projectSlug } = jsonOf(request);
    if (projectSlug !== "orders") return failure(404, "NotFound", "Project with slug not found");
    const now = this.now?.() ?? 0;
    const [, id, isRenewal] = /leases\/([^/]+)(\/renew)?$/.exec(request.path) ?? [];
    if (id === undefined) {
      const lifeMs = this.dynamic.get(`${String(path).replace(/\/$/, "")}/${name}`);
      if (lifeMs === undefined) return failure(404, "NotFound", `Dynamic secret with name '${name}' not found`);
      const made = `lease-${this.requests.length}`;
      this.leases.set(made, now + lifeMs);
      const data = { DB_USERNAME: made, DB_PASSWORD: `s3cret-fixture-${made}` };
      return { body: { lease: this.#told(made), dynamicSecret: { name, type: "sql-database" }, data } };
    }
    if ((this.leases.get(id) ?? 0) <= now) return failure(404, "NotFound", "Dynamic secret lease not found");
    if (isRenewal === undefined) this.leases.delete(id);
    else if (this.longestMs === 0) return failure(400, "BadRequest", "TTL cannot be larger than max ttl");
    else this.leases.set(id, now + this.longestMs);
    return { body: { lease: this.#told(id) } };
  }

  #told(id: string): object {
    return { id, version: 1, expireAt: new Date(this.leases.get(id) ?? 0).toISOString() };
  }
}

/** What Infisical answers in its own words. */
export function failure(statusCode: number, error: string, message: string): DoubleAnswer {
  return { status: statusCode, body: { reqId: "req-1", statusCode, message, error } };
}

/** A double, and providers that see an environment of their own. */
export type InfisicalFixture = StoreFixture<InfisicalDouble> & {
  readonly environment: Record<string, string | undefined>;
};

/** Starts the double, over TLS where a certificate is given. Providers log in by universal auth. */
export async function openFixture(
  members?: Parameters<typeof openStoreFixture>[1],
  secure?: ServerOptions,
): Promise<InfisicalFixture> {
  const environment: Record<string, string | undefined> = {};
  const adapter: Adapter<InfisicalOptions> = {
    ...infisical,
    open: (options, host) => openInfisicalProvider(options, host, environment),
  };
  const fixture = await openStoreFixture<InfisicalDouble>(
    {
      adapter,
      double: () => new InfisicalDouble(secure),
      options: ({ double, file }) => ({
        url: double.url,
        project: "p-1",
        environment: "prod",
        auth: {
          method: "universal",
          clientId: { $file: file("client-id", "s3cret-fixture-id") },
          clientSecret: { $file: file("client-secret", "s3cret-fixture-secret") },
        },
      }),
    },
    members,
  );
  return Object.assign(fixture, { environment });
}
