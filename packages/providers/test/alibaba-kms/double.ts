import { randomBytes } from "node:crypto";
import type { ServerOptions } from "node:https";
import type { DoubleAnswer } from "../http-double.ts";
import { StoreDouble, type StoreRequest } from "../store-double.ts";
import { type Acs3Verdict, verifyAcs3 } from "./acs3-verifier.ts";

interface StoredVersion {
  readonly id: string;
  readonly data: string;
  readonly type: "text" | "binary";
}

interface StoredSecret {
  /** Newest last. */
  readonly versions: StoredVersion[];
  readonly facts: Readonly<Record<string, unknown>>;
  /** Whether KMS rotates it itself, and gives the current version alone. */
  readonly isManaged: boolean;
}

interface LentKeys {
  readonly secret: string;
  readonly token: string | undefined;
}

/** The account of everything. */
export const accountId = "1234567890123456";

/** KMS, STS and the metadata server of an instance. It verifies each signature, its time and its nonce. */
export class KmsDouble extends StoreDouble {
  /** Every secret key and security token that was ever good. */
  readonly tokens: string[] = [];
  /** Whether a RAM policy allows it. */
  allows: (name: string) => boolean = () => true;
  /** The token of the pod. */
  oidcToken = "s3cret-fixture-oidc-token";
  /** How long keys are lent. */
  lentSeconds = 3600;
  /** Whether a request is refused for its time, apart from its own clock. */
  verdicts: Acs3Verdict[] = [];
  readonly #secrets = new Map<string, StoredSecret>();
  readonly #keys = new Map<string, LentKeys>();
  readonly #nonces = new Set<string>();

  constructor(secure?: ServerOptions) {
    super(secure);
  }

  /** Adds a version, and answers its id. */
  put(
    name: string,
    data: string | Uint8Array,
    { isManaged = false, ...facts }: Readonly<Record<string, unknown>> & { readonly isManaged?: boolean } = {},
  ): string {
    const secret = this.#secrets.get(name);
    const versions = secret?.versions ?? [];
    const id = `v-${randomBytes(6).toString("hex")}`;
    const isText = typeof data === "string";
    versions.push({ id, data: isText ? data : Buffer.from(data).toString("base64"), type: isText ? "text" : "binary" });
    this.#secrets.set(name, {
      versions,
      facts: { ...secret?.facts, ...facts },
      isManaged: isManaged || secret?.isManaged === true,
    });
    return id;
  }

  remove(name: string): void {
    this.#secrets.delete(name);
  }

  /** Makes an access key that works. */
  issue(id: string, secret: string, token?: string): void {
    this.#keys.set(id, { secret, token });
    this.tokens.push(secret, ...(token === undefined ? [] : [token]));
  }

  override expireLogins(): void {
    this.#keys.clear();
  }

  protected override answer(request: StoreRequest): DoubleAnswer {
    if (request.path.startsWith("/latest/")) return this.#metadata(request);
    const form = new URLSearchParams(request.body);
    const parameter = (name: string): string | undefined => request.query[name] ?? form.get(name) ?? undefined;
    const action = parameter("Action") ?? request.headers["x-acs-action"];
    if (action === "AssumeRoleWithOIDC") return this.#assume(form);
    const refused = this.#verify(request);
    if (refused !== undefined) return refused;
    if (action === "GetCallerIdentity")
      return { body: { AccountId: accountId, Arn: `acs:ram::${accountId}:assumed-role/orders/tacit`, RequestId: "1" } };
    if (action !== "GetSecretValue") return kmsError(404, "InvalidAction.NotFound");
    return this.#value(parameter);
  }

  #verify(request: StoreRequest): DoubleAnswer | undefined {
    const { headers } = request;
    const verdict = verifyAcs3(request, (id) => this.#keys.get(id)?.secret);
    this.verdicts.push(verdict);
    const key = /Credential=([^,]+)/.exec(headers.authorization ?? "")?.[1] ?? "";
    const now = this.now?.() ?? Date.now();
    const nonce = String(headers["x-acs-signature-nonce"]);
    if (Math.abs(Date.parse(String(headers["x-acs-date"])) - now) > 15 * 60_000)
      return kmsError(400, "IllegalTimestamp");
    if (verdict === "unknown-key") return kmsError(404, "InvalidAccessKeyId.NotFound");
    if (verdict !== "good") return kmsError(400, "SignatureDoesNotMatch");
    if (this.#nonces.has(nonce)) return kmsError(400, "SignatureNonceUsed");
    this.#nonces.add(nonce);
    if (headers["x-acs-security-token"] !== this.#keys.get(key)?.token)
      return kmsError(400, "InvalidSecurityToken.Malformed");
    return undefined;
  }

  #value(parameter: (name: string) => string | undefined): DoubleAnswer {
    const name = parameter("SecretName") ?? "";
    if (!this.allows(name)) return kmsError(403, "Forbidden.NoPermission");
    const secret = this.#secrets.get(name);
    const stage = parameter("VersionStage") ?? "ACSCurrent";
    const id = parameter("VersionId");
    const { versions = [], isManaged = false, facts = {} } = secret ?? {};
    const index = isManaged
      ? versions.length - 1
      : id === undefined
        ? versions.length - (stage === "ACSCurrent" ? 1 : 2)
        : versions.findIndex((each) => each.id === id);
    const version = versions[index];
    if (version === undefined) return kmsError(404, "Forbidden.ResourceNotFound");
    const stages =
      index === versions.length - 1 ? ["ACSCurrent"] : index === versions.length - 2 ? ["ACSPrevious"] : [];
    return {
      body: {
        RequestId: "6a3e9c36-1150-4881-84d3-eb8672fcafad",
        SecretName: name,
        SecretType: isManaged ? "Rds" : "Generic",
        VersionId: version.id,
        SecretData: version.data,
        SecretDataType: version.type,
        VersionStages: { VersionStage: stages },
        CreateTime: "2026-01-01T00:00:00Z",
        ...facts,
      },
    };
  }

  #assume(form: URLSearchParams): DoubleAnswer {
    const isKnown =
      form.get("OIDCToken") === this.oidcToken && form.get("RoleArn") === `acs:ram::${accountId}:role/orders`;
    if (!isKnown || this.refusesLogins) return kmsError(400, "AuthenticationFail.OIDCToken.Invalid");
    return { body: { RequestId: "1", Credentials: this.#lend() } };
  }

  #metadata({ method, path, headers }: StoreRequest): DoubleAnswer {
    if (this.refusesLogins) return { status: 403, body: "" };
    if (path === "/latest/api/token") return method === "PUT" ? { body: "session" } : { status: 405, body: "" };
    if (headers["x-aliyun-ecs-metadata-token"] !== "session") return { status: 403, body: "" };
    const [, role] = /^\/latest\/meta-data\/ram\/security-credentials\/(.*)$/.exec(path) ?? [];
    if (role === "") return { body: "orders" };
    return role === "orders" ? { body: { ...this.#lend(), Code: "Success" } } : { status: 404, body: "" };
  }

  #lend(): object {
    const part = (): string => randomBytes(12).toString("hex");
    const [id, secret, token] = [`STS.${part()}`, `s3cret-fixture-${part()}`, `s3cret-fixture-${part()}`];
    this.issue(id, secret, token);
    const end = new Date((this.now?.() ?? Date.now()) + this.lentSeconds * 1000);
    return {
      AccessKeyId: id,
      AccessKeySecret: secret,
      SecurityToken: token,
      Expiration: `${end.toISOString().slice(0, 19)}Z`,
    };
  }
}

/** An error as KMS writes it. The message quotes, as a hostile or careless server may. */
export function kmsError(status: number, code: string): DoubleAnswer {
  return { status, body: { HttpStatus: status, Code: code, Message: "s3cret-fixture-of-a-message", RequestId: "1" } };
}
