import { type CallContext, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { AlibabaLogin, HeldAlibabaKeys } from "../shared/cloud/alibaba-login.ts";
import type { AlibabaCall, AlibabaKeys } from "../shared/cloud/alibaba-signature.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import type { HttpRequest } from "../shared/http/client.ts";
import { createHttpClient } from "../shared/http/create-client.ts";
import type { HttpHeaders } from "../shared/http/headers.ts";
import { CachedLogin } from "../shared/login.ts";
import { StoreApi } from "../shared/store/store-api.ts";
import type { StoreLogin } from "../shared/store/store-login.ts";
import { meaningOf, saysMissing } from "./errors.ts";
import type { AlibabaKmsOptions } from "./options.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Query = Readonly<Record<string, string | undefined>>;

/** The secrets of KMS in one region, or of one instance. */
export class KmsApi {
  readonly store: StoreApi;
  readonly region: string | undefined;
  readonly #url: URL;
  readonly #login: AlibabaLogin;
  readonly #host: ProviderHost;
  /** How far the clock of KMS is ahead, where it has refused a signature for that. */
  #aheadMs = 0;
  #held: HeldAlibabaKeys | undefined;

  /** @throws {SecretError} INVALID_CONFIG for an address that cannot be used, and `region` where nothing says it */
  constructor(options: AlibabaKmsOptions, login: AlibabaLogin, environment: Environment, host: ProviderHost) {
    this.region = options.region ?? environment.ALIBABA_CLOUD_REGION_ID;
    const url = options.endpoint ?? gatewayOf(options.instance, this.region);
    this.#login = login;
    this.#host = host;
    this.store = new StoreApi(
      {
        store: "KMS",
        url,
        options,
        login: () => this.#signing(),
        meaningOf,
        saysMissing,
        missingStatuses: [400, 403, 404, 409],
      },
      host,
    );
    this.#url = new URL(url);
  }

  /** Calls an action about one secret; undefined where KMS says that there is none. @throws {SecretError} what a request throws */
  find(action: string, query: Query, context: CallContext): Promise<HttpAnswer | undefined> {
    return this.store.find(requestOf({ action, version: kmsVersion, query }), context);
  }

  /** Returns the ARN of this identity, for which everybody may ask. @throws {SecretError} what a request throws */
  async identity(context: CallContext): Promise<string | undefined> {
    const { keys } = this.#held ?? (await this.#login.keys({ signal: context.signal, host: this.#host }));
    const client = createHttpClient({ url: this.#login.stsUrl, proxy: "environment" }, this.#host);
    const call = { action: "GetCallerIdentity", version: stsVersion, query: {} };
    try {
      const headers = await this.#sign(call, new URL(this.#login.stsUrl).host, keys);
      const { Arn: arn } = (await client.request({ ...requestOf(call), headers }, context)).record();
      return typeof arn === "string" && /^acs:ram::\d+:[\w./@-]+$/.test(arn) ? arn : undefined;
    } finally {
      await client.close();
    }
  }

  /** Signs each request with keys that are kept, and once more by the clock of KMS where it refuses that of this machine. */
  #signing(): StoreLogin {
    const login = new CachedLogin<HeldAlibabaKeys>(
      { login: (context) => this.#login.keys({ signal: context.signal, host: this.#host }) },
      this.#host,
    );
    const send = async <R>(
      held: HeldAlibabaKeys,
      request: HttpRequest,
      go: (headers: HttpHeaders) => Promise<R>,
    ): Promise<R> => {
      this.#held = held;
      const headers = (): Promise<HttpHeaders> => this.#sign(callOf(request), this.#url.host, held.keys);
      try {
        return await go(await headers());
      } catch (error) {
        if (!isSecretError(error) || error.reason !== "clock-skew" || this.store.serverTime === undefined) throw error;
        this.#aheadMs = this.store.serverTime - this.#host.clock.now();
      }
      return go(await headers());
    };
    return {
      call: (go, context, request) =>
        login.call(
          (held) => send(held, request, go),
          (error) => isSecretError(error, "UNAUTHENTICATED"),
          context,
        ),
      close: async () => void (await login.close({ signal: AbortSignal.abort() })),
    };
  }

  async #sign(call: Call, host: string, keys: AlibabaKeys): Promise<HttpHeaders> {
    const { signAlibabaCall } = await import("../shared/cloud/alibaba-signature.ts");
    return signAlibabaCall({ ...call, host }, keys, { at: new Date(this.#host.clock.now() + this.#aheadMs) });
  }
}

type Call = Omit<AlibabaCall, "host">;

const kmsVersion = "2016-01-20";
const stsVersion = "2015-04-01";

function requestOf({ action, version, query }: Call): HttpRequest {
  // What is signed anew with each attempt is looked up again in the request.
  const headers = { "x-acs-action": action, "x-acs-version": version };
  return { method: "POST", path: "/", query, headers, replayable: true };
}

function callOf({ headers = {}, query = {} }: HttpRequest): Call {
  const { "x-acs-action": action, "x-acs-version": version } = headers as Readonly<Record<string, string>>;
  return { action: action ?? "", version: version ?? "", query: query as Query };
}

function gatewayOf(instance: string | undefined, region: string | undefined): string {
  if (instance !== undefined) return `https://${instance}.cryptoservice.kms.aliyuncs.com`;
  if (region && /^[a-z0-9-]+$/.test(region)) return `https://kms.${region}.aliyuncs.com`;
  throw new SecretError("INVALID_CONFIG", "nothing says in which region of Alibaba Cloud the secrets are", {
    reason: "region",
    tip: "Set the option `region`, or ALIBABA_CLOUD_REGION_ID.",
  });
}
