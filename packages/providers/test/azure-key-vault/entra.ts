import { randomBytes } from "node:crypto";
import type { DoubleAnswer } from "../http-double.ts";
import type { StoreRequest } from "../store-double.ts";

/** The tenant, the application and its service principal. */
export const tenantId = "0b8d4f4e-8f3c-4f0e-9c4b-1d2e3f405162";
export const clientId = "11111111-2222-3333-4444-555555555555";
export const objectId = "99999999-8888-7777-6666-555555555555";

/** What is asked of the endpoint of tokens. */
export interface TokenRequest {
  readonly scope: string;
  /** What the service demanded of the token. */
  readonly claims: string | undefined;
  readonly form: URLSearchParams;
}

/** Entra and the endpoint of a managed identity, as far as they give tokens for a vault. */
export class EntraDouble {
  /** Every token that was ever good. */
  readonly tokens: string[] = [];
  readonly asked: TokenRequest[] = [];
  /** The password of the application. */
  clientSecret = "s3cret-fixture-client-secret";
  /** The token of the pod that is exchanged. */
  assertion: string | undefined = "s3cret-fixture-assertion";
  refusesLogins = false;
  /** Of its tokens. */
  tenant = tenantId;
  readonly #alive = new Map<string, { readonly audience: string; readonly hasClaims: boolean }>();

  /** Ends every token. */
  expire(): void {
    this.#alive.clear();
  }

  /** Whether a token is good for a resource. @param needsClaims whether tokens from before a revocation are not */
  accepts(token: string, audience: string, needsClaims: boolean): boolean {
    const alive = this.#alive.get(token);
    return alive?.audience === audience && (!needsClaims || alive.hasClaims);
  }

  /** Undefined where it is not asked. */
  answer(request: StoreRequest, origin: string): DoubleAnswer | undefined {
    if (request.path === "/msi/token") return this.#managed(request);
    if (request.path.endsWith("/.well-known/openid-configuration")) return { body: endpointsAt(origin) };
    if (request.path.endsWith("/discovery/instance"))
      return {
        body: {
          tenant_discovery_endpoint: `${origin}/${this.tenant}/v2.0/.well-known/openid-configuration`,
          metadata: [],
        },
      };
    return request.path.endsWith("/oauth2/v2.0/token") ? this.#exchange(request) : undefined;
  }

  #managed({ headers, query }: StoreRequest): DoubleAnswer {
    if (headers["x-identity-header"] !== "s3cret-fixture-header" || this.refusesLogins)
      return { status: 401, body: { statusCode: 401, message: "s3cret-fixture-of-a-message" } };
    const { resource = "" } = query;
    this.asked.push({ scope: `${resource}/.default`, claims: undefined, form: new URLSearchParams(query) });
    const access_token = this.issue(resource, false);
    return {
      body: { access_token, expires_on: `${Math.floor(Date.now() / 1000) + 86_400}`, resource, token_type: "Bearer" },
    };
  }

  #exchange({ body }: StoreRequest): DoubleAnswer {
    const form = new URLSearchParams(body);
    const isApplication = form.get("client_secret") === this.clientSecret;
    const assertion = form.get("client_assertion");
    // A certificate signs an assertion of its own, which has the client as its issuer.
    const isPod = assertion !== null && (assertion === this.assertion || claimsOf(assertion).iss === clientId);
    if (this.refusesLogins || (!isApplication && !isPod)) return refusal;
    const scope = (form.get("scope") ?? "").split(" ").find((each) => each.endsWith("/.default")) ?? "";
    const claims = form.get("claims") ?? undefined;
    this.asked.push({ scope, claims, form });
    const hasClaims = (claims ?? "").includes("nbf");
    const access_token = this.issue(scope.replace(/\/\.default$/, ""), hasClaims);
    return { body: { access_token, expires_in: 3599, ext_expires_in: 3599, token_type: "Bearer" } };
  }

  /** Makes a token. */
  issue(audience: string, hasClaims: boolean): string {
    const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
    const claims = {
      aud: audience,
      tid: this.tenant,
      oid: objectId,
      appid: clientId,
      jti: randomBytes(12).toString("hex"),
    };
    const token = [part({ alg: "RS256" }), part(claims), randomBytes(24).toString("base64url")].join(".");
    this.#alive.set(token, { audience, hasClaims });
    this.tokens.push(token);
    return token;
  }
}

const refusal: DoubleAnswer = {
  status: 401,
  body: {
    error: "invalid_client",
    error_description: "AADSTS700024: s3cret-fixture-of-a-message",
    error_codes: [700024],
  },
};

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function endpointsAt(origin: string): object {
  return {
    issuer: `${origin}/${tenantId}/v2.0`,
    authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
  };
}
