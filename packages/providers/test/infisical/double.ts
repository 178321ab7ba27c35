import { infisical } from "../../src/infisical/index.ts";
import type { DoubleAnswer } from "../http-double.ts";
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
  ];
  readonly tokens: Set<string> = new Set();
  hidesValues = false;
  /** How far a lease can be prolonged. */
  longestMs = 600_000;

  override expireLogins(): void {
    this.tokens.clear();
  }

  protected override answer(request: StoreRequest): DoubleAnswer {
    const { method, path, query, headers } = request;
    if (/^\/api\/v1\/auth\/(universal|kubernetes|oidc)-auth\/login$/.test(path)) return this.#login(request);
    const token = headers.authorization?.replace(/^Bearer /, "") ?? "";
    if (!this.tokens.has(token)) return failure(403, "TokenError", "Your token has expired. Please re-authenticate.");
    if (path.startsWith("/api/v1/dynamic-secrets/leases")) return this.#lease(request);
    if (query.workspaceId !== "p-1")
      return failure(404, "NotFound", `Project with ID '${query.workspaceId}' not found`);
    if (query.environment !== "prod")
      return failure(404, "NotFound", `Environment with slug '${query.environment}' not found`);
    if (path === "/api/v1/folders") return { body: { folders: [] } };
    const name = /^\/api\/v3\/secrets\/raw\/(.+)$/.exec(path)?.[1];
    if (method !== "GET" || name === undefined) return failure(404, "NotFound", "Route not found");
    return this.#secret(`${query.secretPath?.replace(/\/$/, "")}/${name}`, name, query.version);
  }

  #login(request: StoreRequest): DoubleAnswer {
    const sent = JSON.stringify(jsonOf(request));
    const isKnown = this.credentials.some((each) => JSON.stringify(each) === sent);
    if (this.refusesLogins || !isKnown) return failure(401, "UnauthorizedError", "Invalid credentials");
    const accessToken = `s3cret-fixture-token-${this.requests.length}`;
    this.tokens.add(accessToken);
    return { body: { accessToken, expiresIn: 7200, accessTokenMaxTTL: 43_200, tokenType: "Bearer" } };
  }

  #secret(key: string, name: string, wanted: string | undefined): DoubleAnswer {
    const versions = this.secrets.get(key) ?? [];
    const version = wanted === undefined ? versions.length : Number(wanted);
    const value = versions[version - 1];
    if (value === undefined) return failure(404, "NotFound", `Secret with name '${name}' not found`);
    const secret = {
      id: "00000000-0000-0000-0000-000000000001",
      secretKey: name,
      secretValue: this.hidesValues ? "<hidden-by-infisical>" : value,
      secretValueHidden: this.hidesValues,
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

/** Starts the double. Providers log in by universal auth. */
export function openFixture(members?: Parameters<typeof openStoreFixture>[1]): Promise<StoreFixture<InfisicalDouble>> {
  return openStoreFixture<InfisicalDouble>(
    {
      adapter: infisical,
      double: () => new InfisicalDouble(),
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
}
