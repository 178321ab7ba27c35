import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { checkSignature, type KnownKey, signingTime } from "../aws-signature.ts";
import { type DoubleAnswer, HttpDouble } from "../http-double.ts";
import { type Claims, JwtIssuer } from "./jwt-issuer.ts";

/** One request of a login. */
export interface LoginRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Claims;
  /** The body as it was sent. */
  readonly text: string;
  /** Whether it came with a client certificate that is trusted. */
  readonly isCertified: boolean;
}

/** What a login method says: an `auth`, `data` without one, or a refusal. */
type Verdict = { readonly auth: object } | { readonly data: object } | { readonly status: number };

/** Vault's login methods, which verify what they are sent. */
export class LoginDouble extends HttpDouble<LoginRequest> {
  /** Signs the JWTs that kubernetes, jwt, gcp and azure trust. */
  readonly issuer: JwtIssuer = new JwtIssuer();
  /** secret id -> how often it may still log in */
  readonly secretIds: Map<string, number> = new Map();
  /** wrapping token -> what it wraps, and where that was made */
  readonly wrapped: Map<string, { readonly creationPath: string; readonly data: object }> = new Map();
  readonly passwords: Map<string, string> = new Map();
  awsKey: KnownKey = { accessKeyId: "AKIAFIXTURE", secretAccessKey: "s3cret-fixture-aws" };
  /** `iam_server_id_header_value`. */
  serverId: string | undefined;
  #logins = 0;

  /** How often a login was asked for, other requests apart. */
  get attempts(): number {
    return this.requests.filter(({ path }) => /^auth\/.*login/.test(path)).length;
  }

  protected override parse({ method = "", url = "", headers, socket }: IncomingMessage, text: string): LoginRequest {
    return {
      method,
      path: decodeURIComponent(url.replace(/^\/v1\//, "")),
      headers,
      body: text === "" ? {} : JSON.parse(text),
      text,
      isCertified: (socket as TLSSocket).authorized,
    };
  }

  protected override answer(request: LoginRequest): DoubleAnswer {
    const verdict = this.#verdict(request);
    return "status" in verdict
      ? quotingRefusal(verdict.status, request)
      : { body: { request_id: "fixture", ...verdict } };
  }

  #verdict(request: LoginRequest): Verdict {
    const { path, body } = request;
    const [, mount, user] = /^auth\/(.+)\/login(?:\/(.+))?$/.exec(path) ?? [];
    const method = mount?.split("/").at(-1);
    if (path === "sys/wrapping/lookup") return this.#lookUp(body.token);
    if (path === "sys/wrapping/unwrap") return this.#unwrap(request.headers["x-vault-token"]);
    if (method === "approle") return this.#appRole(body);
    if (method === "jwt" || method === "kubernetes") return this.#ifTrue(this.#jwt(body)?.aud === `${method}.example`);
    if (method === "userpass" || method === "ldap")
      return this.#ifTrue(body.password !== undefined && this.passwords.get(user ?? "") === body.password);
    if (method === "cert") return this.#ifTrue(request.isCertified);
    if (method === "aws") return this.#ifTrue(this.#signature(body));
    if (method === "gcp") return this.#ifTrue(String(this.#jwt(body)?.aud).endsWith(`vault/${body.role}`));
    if (method === "azure") return this.#ifTrue(this.#jwt(body)?.aud === "https://management.azure.com/");
    return { status: 403 };
  }

  #ifTrue(isRight: boolean): Verdict {
    if (!isRight) return { status: 400 };
    this.#logins += 1;
    return { auth: { client_token: `s3cret-fixture-token-${this.#logins}`, lease_duration: 3600, renewable: true } };
  }

  #lookUp(token: unknown): Verdict {
    const found = this.wrapped.get(String(token));
    return found === undefined ? { status: 400 } : { data: { creation_path: found.creationPath, creation_ttl: 60 } };
  }

  #unwrap(token: unknown): Verdict {
    const found = this.wrapped.get(String(token));
    this.wrapped.delete(String(token));
    return found === undefined ? { status: 400 } : { data: found.data };
  }

  #appRole({ role_id, secret_id }: Claims): Verdict {
    const uses = this.secretIds.get(String(secret_id)) ?? 0;
    if (role_id === "s3cret-fixture-role-id" && uses > 0) this.secretIds.set(String(secret_id), uses - 1);
    return this.#ifTrue(role_id === "s3cret-fixture-role-id" && uses > 0);
  }

  #jwt({ jwt, role }: Claims): Claims | undefined {
    const claims = this.issuer.verify(jwt, this.#time());
    return role === undefined || role === "app" ? claims : undefined;
  }

  #time(): number {
    return this.now?.() ?? Date.now();
  }

  #signature(body: Claims): boolean {
    const text = (name: string): string => Buffer.from(String(body[name]), "base64").toString();
    if (body.iam_http_request_method !== "POST") return false;
    const headers = JSON.parse(text("iam_request_headers")) as Record<string, string>;
    const url = new URL(text("iam_request_url"));
    const request = { method: "POST", url, body: text("iam_request_body"), headers };
    const isInTime = Math.abs(signingTime(request) - this.#time()) <= 900_000;
    const checked = isInTime ? checkSignature(request, this.awsKey) : undefined;
    const isForHost = headers.host === url.host && checked?.service === "sts" && checked.signedHeaders.includes("host");
    if (!isForHost || !/^Action=GetCallerIdentity&Version=2011-06-15$/.test(request.body)) return false;
    if (this.serverId === undefined) return true;
    const name = "x-vault-aws-iam-server-id";
    return headers[name] === this.serverId && checked?.signedHeaders.includes(name) === true;
  }
}

/** A refusal that quotes what was sent, as a careless server may. */
export function quotingRefusal(status: number, { text }: LoginRequest): DoubleAnswer {
  return { status, body: { errors: [`invalid: ${text}`] } };
}
