import {
  type CallContext,
  type Clock,
  type CredentialSource,
  type ProviderHost,
  SecretError,
} from "@tacit/core/provider";
import { credentialWord } from "../credential-text.ts";
import type { HttpAnswer } from "../http/answer.ts";
import { createHttpClient } from "../http/create-client.ts";
import type { HeldLogin } from "../login.ts";
import { EndOnClocks } from "../two-clocks.ts";
import type { AlibabaKeys } from "./alibaba-signature.ts";
import { askCloud } from "./ask-cloud.ts";
import { askMetadata } from "./metadata-server.ts";

/** The identity of this process at Alibaba Cloud. */
export type AlibabaAuth =
  /** The role of the pod (RRSA) if there is one, else the keys in the environment variables, else the role of the instance. */
  | { readonly method: "default" }
  | {
      readonly method: "keys";
      readonly accessKeyId: CredentialSource;
      readonly accessKeySecret: CredentialSource;
      /** The token of temporary keys. */
      readonly securityToken?: CredentialSource | undefined;
    }
  /** The role of a pod of ACK; each part overrides the one that the cluster adds to the pod. */
  | {
      readonly method: "rrsa";
      readonly roleArn?: string | undefined;
      readonly providerArn?: string | undefined;
      readonly tokenFile?: string | undefined;
    }
  /** The RAM role of an ECS instance. */
  | { readonly method: "ecs"; readonly role?: string | undefined };

/** The addresses of the services that issue keys. */
export interface AlibabaServers {
  /** The scheme and host of STS. */
  readonly sts: string;
  /** The host of the metadata server. */
  readonly metadata: string;
}

type Environment = Readonly<Record<string, string | undefined>>;
type LoginHost = Pick<ProviderHost, "clock" | "name" | "protect" | "credential">;

/** Keys and their expiry, in private fields, so that printing the object does not show them. */
export class HeldAlibabaKeys implements HeldLogin {
  readonly #keys: AlibabaKeys;
  readonly #end: EndOnClocks | undefined;

  /** @param lifeMs the lifetime; undefined for keys that never expire */
  constructor(keys: AlibabaKeys, lifeMs: number | undefined, clock: Clock) {
    this.#keys = keys;
    this.#end = lifeMs === undefined ? undefined : new EndOnClocks(lifeMs, clock);
  }

  get keys(): AlibabaKeys {
    return this.#keys;
  }

  get leftMs(): number | undefined {
    return this.#end?.leftMs;
  }

  get isUsable(): boolean {
    return this.leftMs !== 0;
  }
}

/** Obtains keys of Alibaba Cloud. Nothing is cached between two logins, since files may have been replaced. */
export class AlibabaLogin {
  readonly #auth: AlibabaAuth;
  readonly #environment: Environment;
  readonly #servers: AlibabaServers;

  constructor(auth: AlibabaAuth, environment: Environment, servers: AlibabaServers = serversOf(environment)) {
    this.#auth = auth;
    this.#environment = environment;
    this.#servers = servers;
  }

  /** The scheme and host of STS. */
  get stsUrl(): string {
    return this.#servers.sts;
  }

  /** Obtains the keys of this process. @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`; errors of reading a credential */
  async keys(context: CallContext & { readonly host: LoginHost }): Promise<HeldAlibabaKeys> {
    const auth = this.#resolved();
    if (auth.method === "keys") return staticKeys(auth, context.host);
    const held = auth.method === "rrsa" ? await this.#ofPod(auth, context) : await this.#ofInstance(auth, context);
    const { accessKeySecret, securityToken } = held.keys;
    protectKeys(context.host, accessKeySecret, securityToken);
    return held;
  }

  #resolved(): Exclude<AlibabaAuth, { readonly method: "default" }> {
    if (this.#auth.method !== "default") return this.#auth;
    const { ALIBABA_CLOUD_OIDC_TOKEN_FILE: file, ALIBABA_CLOUD_ACCESS_KEY_ID: id } = this.#environment;
    if (file) return { method: "rrsa" };
    if (!id) return { method: "ecs" };
    const securityToken = this.#environment.ALIBABA_CLOUD_SECURITY_TOKEN;
    return {
      method: "keys",
      accessKeyId: { $env: "ALIBABA_CLOUD_ACCESS_KEY_ID" },
      accessKeySecret: { $env: "ALIBABA_CLOUD_ACCESS_KEY_SECRET" },
      ...(securityToken && { securityToken: { $env: "ALIBABA_CLOUD_SECURITY_TOKEN" } }),
    };
  }

  /** @see https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerolewithoidc */
  async #ofPod(
    auth: Extract<AlibabaAuth, { readonly method: "rrsa" }>,
    context: CallContext & { readonly host: LoginHost },
  ): Promise<HeldAlibabaKeys> {
    const { host, signal } = context;
    const environment = this.#environment;
    const file = auth.tokenFile ?? environment.ALIBABA_CLOUD_OIDC_TOKEN_FILE;
    const role = auth.roleArn ?? environment.ALIBABA_CLOUD_ROLE_ARN;
    const provider = auth.providerArn ?? environment.ALIBABA_CLOUD_OIDC_PROVIDER_ARN;
    if (!file || !role || !provider) throw noRole();
    const token = await credentialWord({ $file: file }, "OIDC token", host);
    const form = { RoleArn: role, OIDCProviderArn: provider, OIDCToken: token, RoleSessionName: "tacit" };
    const ask = async (): Promise<HeldAlibabaKeys> => {
      // The libraries of the clouds also use the proxy of the environment for their logins.
      const client = createHttpClient({ url: this.#servers.sts, proxy: "environment" }, host);
      try {
        const answer = await client.request(
          {
            method: "POST",
            path: "/",
            query: { Action: "AssumeRoleWithOIDC", Format: "JSON", Version: "2015-04-01" },
            headers: { "content-type": "application/x-www-form-urlencoded" },
            body: new URLSearchParams(form).toString(),
            accept: [400, 403, 404],
          },
          { signal },
        );
        if (answer.status >= 400) throw stsFailure(answer);
        return heldKeys(answer.record().Credentials, answer, host.clock);
      } finally {
        await client.close();
      }
    };
    return askCloud("keys of a role", notAssumed, ask, context);
  }

  /** @see https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata */
  async #ofInstance(
    { role = this.#environment.ALIBABA_CLOUD_ECS_METADATA }: Extract<AlibabaAuth, { readonly method: "ecs" }>,
    context: CallContext & { readonly host: LoginHost },
  ): Promise<HeldAlibabaKeys> {
    const { metadata: host } = this.#servers;
    const ttl = { "x-aliyun-ecs-metadata-token-ttl-seconds": "60" };
    const ask = async (): Promise<HeldAlibabaKeys> => {
      const session = (
        await askMetadata({ host, headers: ttl }, { method: "PUT", path: "/latest/api/token" }, context)
      ).text();
      const server = { host, headers: { "x-aliyun-ecs-metadata-token": session.trim() } };
      const base = "/latest/meta-data/ram/security-credentials/";
      const name = role ?? (await askMetadata(server, { path: base }, context)).text().trim();
      const answer = await askMetadata(server, { path: `${base}{name}`, values: { name } }, context);
      return heldKeys(answer.record(), answer, context.host.clock);
    };
    return askCloud("keys of the role of this instance", notInstance, ask, context);
  }
}

async function staticKeys(
  { accessKeyId, accessKeySecret, securityToken }: Extract<AlibabaAuth, { readonly method: "keys" }>,
  host: LoginHost,
): Promise<HeldAlibabaKeys> {
  const keys = {
    accessKeyId: await credentialWord(accessKeyId, "access key id", host),
    accessKeySecret: await credentialWord(accessKeySecret, "access key secret", host),
    ...(securityToken !== undefined && { securityToken: await credentialWord(securityToken, "security token", host) }),
  };
  protectKeys(host, keys.accessKeySecret, keys.securityToken);
  return new HeldAlibabaKeys(keys, undefined, host.clock);
}

function protectKeys(host: LoginHost, secret: string, token: string | undefined): void {
  host.protect(secret, `${host.name}/access key secret`);
  if (token !== undefined) host.protect(token, `${host.name}/security token`);
}

function heldKeys(credentials: unknown, answer: HttpAnswer, clock: Clock): HeldAlibabaKeys {
  const {
    AccessKeyId: accessKeyId,
    AccessKeySecret: accessKeySecret,
    SecurityToken: securityToken,
    Expiration,
  } = Object(credentials) as Readonly<Record<string, unknown>>;
  const end = Date.parse(String(Expiration));
  const isWhole = [accessKeyId, accessKeySecret, securityToken].every(
    (part) => typeof part === "string" && part !== "",
  );
  if (!isWhole || Number.isNaN(end)) throw answer.malformed("no keys");
  // The clock of this machine may be wrong.
  const now = answer.serverTime ?? clock.now();
  const keys = { accessKeyId, accessKeySecret, securityToken } as AlibabaKeys;
  return new HeldAlibabaKeys(keys, end - now, clock);
}

/** Returns the addresses that Alibaba's libraries use for this environment. */
function serversOf({
  ALIBABA_CLOUD_STS_REGION: region,
  ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: vpc,
}: Environment): AlibabaServers {
  const prefix = vpc?.toLowerCase() === "true" ? "sts-vpc" : "sts";
  const isRegion = region !== undefined && /^[a-z0-9-]+$/.test(region);
  return { sts: `https://${isRegion ? `${prefix}.${region}` : "sts"}.aliyuncs.com`, metadata: "100.100.100.200" };
}

function stsFailure(answer: HttpAnswer): SecretError {
  const { Code: code } = answer.record();
  if (typeof code === "string" && /^Throttling/.test(code))
    return new SecretError("THROTTLED", "STS throttles requests");
  return new SecretError("UNAUTHENTICATED", "STS refused the token of the pod");
}

function noRole(): SecretError {
  return new SecretError("UNAUTHENTICATED", "the Alibaba Cloud role of this pod is not set", {
    reason: "cloud-identity",
    tip: "Install ack-pod-identity-webhook and annotate the service account, or set `roleArn`, `providerArn` and `tokenFile`.",
  });
}

const notAssumed =
  "Check the trust policy of the role: it must list the OIDC provider of the cluster, the audience sts.aliyuncs.com, and system:serviceaccount:<namespace>:<name> as subject.";
const notInstance =
  "Run on an ECS instance with a RAM role whose metadata server is reachable, in a pod of ACK with RRSA, or configure keys.";
