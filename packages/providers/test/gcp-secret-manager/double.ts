import { createVerify, randomBytes } from "node:crypto";
import { crc32c } from "../../src/shared/crc32c.ts";
import type { DoubleAnswer } from "../http-double.ts";
import { jsonOf, StoreDouble, type StoreRequest } from "../store-double.ts";

interface StoredVersion {
  readonly data: Uint8Array;
  readonly createTime: string;
  state: "ENABLED" | "DISABLED" | "DESTROYED";
}

interface StoredSecret {
  /** The first one is number 1. */
  readonly versions: StoredVersion[];
  aliases: Readonly<Record<string, string>>;
}

/** The number of the project, which answers have in place of its id. */
const projectNumber = "123456789";

/**
 * Secret Manager over REST, and the metadata server of an instance of Google's. `latest` is the newest version whatever its state,
 * names of answers hold the number of the project, and checksums are numbers in text, as the real one has them.
 */
export class SecretManagerDouble extends StoreDouble {
  /** `projects/p` or `projects/p/locations/l`; another one is another project. */
  parent = "projects/orders";
  /** Every access token that was ever good. */
  readonly tokens: string[] = [];
  /** Whether the identity has a permission on a secret. */
  allows: (permission: string, name: string) => boolean = () => true;
  /** Takes the place of the checksum of a payload; undefined leaves it out. */
  checksum: (data: Uint8Array) => string | undefined = (data) => `${crc32c(data)}`;
  account = "app@orders.iam.gserviceaccount.com";
  /** The public key of the account, with which the signature of a login is checked. */
  accountKey: string | undefined;
  /** The token of a workload elsewhere that is exchanged. */
  subject = "s3cret-fixture-subject";
  readonly #secrets = new Map<string, StoredSecret>();
  #alive: string | undefined;

  /** Adds a version. */
  put(name: string, data: Uint8Array | string): void {
    const secret = this.#secrets.get(name) ?? { versions: [], aliases: {} };
    this.#secrets.set(name, secret);
    secret.versions.push({ data: Buffer.from(data), createTime: new Date().toISOString(), state: "ENABLED" });
  }

  remove(name: string): void {
    this.#secrets.delete(name);
  }

  setState(name: string, number: number, state: StoredVersion["state"]): void {
    const version = this.#secrets.get(name)?.versions[number - 1];
    if (version !== undefined) version.state = state;
  }

  setAliases(name: string, aliases: Readonly<Record<string, string>>): void {
    const secret = this.#secrets.get(name);
    if (secret !== undefined) secret.aliases = aliases;
  }

  override expireLogins(): void {
    this.#alive = undefined;
  }

  /** Makes an access token the only good one. */
  issue(): string {
    this.#alive = `ya29.s3cret-fixture-${randomBytes(12).toString("hex")}`;
    this.tokens.push(this.#alive);
    return this.#alive;
  }

  protected override answer(request: StoreRequest): DoubleAnswer {
    if (request.path.startsWith("/computeMetadata/")) return this.#metadata(request);
    if (/^\/(?:v1\/)?token$/.test(request.path)) return this.#exchange(request);
    if (request.headers.authorization !== `Bearer ${this.#alive}`) return googleError(401, "UNAUTHENTICATED");
    const [, parent, rest] = /^\/v1\/(.+?)\/secrets(.*)$/.exec(request.path) ?? [];
    if (parent !== this.parent) return googleError(404, "NOT_FOUND");
    if (rest === "") return this.#create(request);
    const [, name = "", tail = ""] = /^\/([^/:]+)(.*)$/.exec(rest ?? "") ?? [];
    return this.#secret(request, name, tail);
  }

  #metadata({ path, headers }: StoreRequest): DoubleAnswer {
    const google = { "metadata-flavor": "Google" };
    if (headers["metadata-flavor"] !== "Google" || this.refusesLogins)
      return { status: 403, headers: google, body: "" };
    if (path.endsWith("/email")) return { headers: google, body: this.account };
    if (!path.endsWith("/token")) return { status: 404, headers: google, body: "" };
    const body = { access_token: this.#alive ?? this.issue(), expires_in: 3599, token_type: "Bearer" };
    return { headers: google, body };
  }

  /** What sts.googleapis.com and oauth2.googleapis.com do. */
  #exchange({ body }: StoreRequest): DoubleAnswer {
    const form = new URLSearchParams(body);
    const assertion = form.get("assertion");
    const isKnown = assertion === null ? form.get("subject_token") === this.subject : this.#isSigned(assertion);
    if (this.refusesLogins || !isKnown)
      return { status: 400, body: { error: "invalid_grant", error_description: "s3cret-fixture-of-a-message" } };
    const issued_token_type = "urn:ietf:params:oauth:token-type:access_token";
    const access_token = this.#alive ?? this.issue();
    return { body: { access_token, issued_token_type, expires_in: 3599, token_type: "Bearer" } };
  }

  #isSigned(jwt: string): boolean {
    const [head = "", claims = "", signature = ""] = jwt.split(".");
    if (this.accountKey === undefined) return false;
    return createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(this.accountKey, signature, "base64url");
  }

  #create({ query, method }: StoreRequest): DoubleAnswer {
    if (method !== "POST") return googleError(404, "NOT_FOUND");
    const { secretId = "" } = query;
    if (this.#secrets.has(secretId)) return googleError(409, "ALREADY_EXISTS");
    this.#secrets.set(secretId, { versions: [], aliases: {} });
    return { body: this.#described(secretId) };
  }

  #secret(request: StoreRequest, name: string, tail: string): DoubleAnswer {
    if (tail === ":testIamPermissions") {
      const asked = jsonOf(request).permissions as readonly string[];
      const isThere = this.#secrets.has(name);
      return { body: { permissions: asked.filter((permission) => isThere && this.allows(permission, name)) } };
    }
    const right = rightFor(request.method, tail);
    // Whether there is such a secret is not told to whom it is denied.
    if (!this.allows(right, name)) return denied(right);
    const secret = this.#secrets.get(name);
    if (secret === undefined) return googleError(404, "NOT_FOUND");
    if (tail === ":addVersion") {
      const { payload } = jsonOf(request) as { readonly payload: { readonly data?: string } };
      this.put(name, Buffer.from(payload.data ?? "", "base64"));
      return { body: this.#version(name, secret, secret.versions.length) };
    }
    if (tail === "") return this.#change(request, name, secret);
    const [, asked = "", verb = ""] = /^\/versions(?:\/([^/:]+))?(?::(\w+))?$/.exec(tail) ?? [];
    return this.#ofVersion(request, { name, secret, asked, verb });
  }

  #change({ method, body }: StoreRequest, name: string, secret: StoredSecret): DoubleAnswer {
    if (method === "DELETE") this.#secrets.delete(name);
    if (method === "DELETE") return { body: {} };
    if (method === "PATCH")
      secret.aliases = (JSON.parse(body) as { versionAliases?: StoredSecret["aliases"] }).versionAliases ?? {};
    return { body: this.#described(name) };
  }

  #ofVersion(
    { method, query }: StoreRequest,
    { name, secret, asked, verb }: { name: string; secret: StoredSecret; asked: string; verb: string },
  ): DoubleAnswer {
    if (asked === "") {
      const all = secret.versions.map((_, index) => this.#version(name, secret, index + 1)).reverse();
      return { body: { versions: all.slice(0, Number(query.pageSize ?? 25)), totalSize: all.length } };
    }
    const number = asked === "latest" ? secret.versions.length : Number(secret.aliases[asked] ?? asked);
    const version = secret.versions[number - 1];
    if (version === undefined) return googleError(404, "NOT_FOUND");
    if (method === "POST") {
      const states = { enable: "ENABLED", disable: "DISABLED", destroy: "DESTROYED" } as const;
      version.state = states[verb as keyof typeof states];
    } else if (verb === "access") return this.#access(name, number, version);
    return { body: this.#version(name, secret, number) };
  }

  #access(name: string, number: number, { state, data }: StoredVersion): DoubleAnswer {
    const fullName = `${this.#numbered()}/secrets/${name}/versions/${number}`;
    if (state !== "ENABLED")
      return googleError(400, "FAILED_PRECONDITION", `Secret Version [${fullName}] is in ${state} state.`);
    const dataCrc32c = this.checksum(data);
    // As proto3 has it: what is empty is left out.
    const payload = {
      ...(data.length > 0 && { data: Buffer.from(data).toString("base64") }),
      ...(dataCrc32c && { dataCrc32c }),
    };
    return { body: { name: fullName, payload } };
  }

  #described(name: string): object {
    const secret = this.#secrets.get(name);
    return {
      name: `${this.#numbered()}/secrets/${name}`,
      replication: { automatic: {} },
      createTime: "2026-01-01T00:00:00Z",
      etag: '"16211daf5f29c5"',
      ...(Object.keys(secret?.aliases ?? {}).length > 0 && { versionAliases: secret?.aliases }),
    };
  }

  #version(name: string, { versions }: StoredSecret, number: number): object {
    const { state, createTime } = versions[number - 1] as StoredVersion;
    return {
      name: `${this.#numbered()}/secrets/${name}/versions/${number}`,
      createTime,
      state,
      etag: '"16211dd90b37e7"',
    };
  }

  #numbered(): string {
    return this.parent.replace(/^projects\/[^/]+/, `projects/${projectNumber}`);
  }
}

/** An error as Google writes it. The message quotes, as a hostile or careless server may. */
export function googleError(
  code: number,
  status: string,
  message = "s3cret-fixture-of-a-message",
  reason?: string,
): DoubleAnswer {
  const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com" };
  return { status: code, body: { error: { code, status, message, ...(reason !== undefined && { details: [info] }) } } };
}

/** A denial as IAM writes it. */
export function denied(permission = "secretmanager.versions.access"): DoubleAnswer {
  const message = `Permission '${permission}' denied for resource 's3cret-fixture-of-a-message' (or it may not exist).`;
  return googleError(403, "PERMISSION_DENIED", message, "IAM_PERMISSION_DENIED");
}

function rightFor(method: string, tail: string): string {
  if (tail.endsWith(":access")) return "secretmanager.versions.access";
  if (tail === ":addVersion") return "secretmanager.versions.add";
  return `secretmanager.${tail === "" ? "secrets" : "versions"}.${method === "GET" ? "get" : "update"}`;
}
