import type { IncomingMessage, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import { type Claims, JwtIssuer } from "./jwt-issuer.ts";
import { checkSignature, type KnownKey } from "./signature-check.ts";

/** One request of a login. */
export interface LoginRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Claims;
}

/** What a login method says: an `auth`, `data` without one, or a refusal. */
type Verdict =
  | { readonly auth: object }
  | { readonly data: object }
  | { readonly status: number; readonly body?: object };

/** Vault's login methods, which verify what they are sent. Each answer of a refusal quotes what was sent, as a careless server may. */
export class LoginDouble {
  readonly requests: LoginRequest[] = [];
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
  /** Takes the place of an answer; `drop` breaks the connection off after the request was carried out. */
  override: (request: LoginRequest) => Verdict | "drop" | undefined = () => undefined;
  now: () => number = () => Date.now();
  #logins = 0;

  /** How often a login was asked for, other requests apart. */
  get attempts(): number {
    return this.requests.filter(({ path }) => /^auth\/.*login/.test(path)).length;
  }

  readonly handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks).toString();
    const path = decodeURIComponent((message.url ?? "").replace(/^\/v1\//, ""));
    const body = (sent === "" ? {} : JSON.parse(sent)) as Claims;
    const request = { method: message.method ?? "", path, headers: message.headers, body };
    this.requests.push(request);
    const verdict = this.#verdict(request, message.socket as TLSSocket);
    const override = this.override(request);
    if (override === "drop") return void message.socket.destroy();
    answer(response, override ?? verdict, sent);
  };

  #verdict(request: LoginRequest, socket: TLSSocket): Verdict {
    const { path, body } = request;
    const [, mount, user] = /^auth\/(.+)\/login(?:\/(.+))?$/.exec(path) ?? [];
    const method = mount?.split("/").at(-1);
    if (path === "sys/wrapping/lookup") return this.#lookUp(body.token);
    if (path === "sys/wrapping/unwrap") return this.#unwrap(request.headers["x-vault-token"]);
    if (method === "approle") return this.#appRole(body);
    if (method === "jwt" || method === "kubernetes") return this.#ifTrue(this.#jwt(body)?.aud === `${method}.example`);
    if (method === "userpass" || method === "ldap")
      return this.#ifTrue(body.password !== undefined && this.passwords.get(user ?? "") === body.password);
    if (method === "cert") return this.#ifTrue(socket.authorized);
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
    const claims = this.issuer.verify(jwt, this.now());
    return role === undefined || role === "app" ? claims : undefined;
  }

  #signature(body: Claims): boolean {
    const text = (name: string): string => Buffer.from(String(body[name]), "base64").toString();
    if (body.iam_http_request_method !== "POST") return false;
    const headers = JSON.parse(text("iam_request_headers")) as Record<string, string>;
    const url = new URL(text("iam_request_url"));
    const request = { method: "POST", url, body: text("iam_request_body"), headers };
    const checked = checkSignature(request, this.awsKey, this.now());
    const isForHost = headers.host === url.host && checked?.signedHeaders.includes("host") === true;
    if (!isForHost || !/^Action=GetCallerIdentity&Version=2011-06-15$/.test(request.body)) return false;
    if (this.serverId === undefined) return true;
    const name = "x-vault-aws-iam-server-id";
    return headers[name] === this.serverId && checked?.signedHeaders.includes(name) === true;
  }
}

function answer(response: ServerResponse, verdict: Verdict, sent: string): void {
  const isRefusal = "status" in verdict;
  const body = isRefusal ? (verdict.body ?? { errors: [`invalid: ${sent}`] }) : { request_id: "fixture", ...verdict };
  response.writeHead(isRefusal ? verdict.status : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
