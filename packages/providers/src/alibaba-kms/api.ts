import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { AlibabaLogin } from "../shared/cloud/alibaba-login.ts";
import { type AlibabaAction, AlibabaSigning, alibabaRequest } from "../shared/cloud/alibaba-signing.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { StoreApi } from "../shared/store/store-api.ts";
import { meaningOf, saysMissing } from "./errors.ts";
import type { AlibabaKmsOptions } from "./options.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The secrets of KMS in one region, or of one instance. */
export class KmsApi {
  readonly store: StoreApi;
  readonly region: string | undefined;
  readonly #signing: AlibabaSigning;

  /** @throws {SecretError} INVALID_CONFIG for an address that cannot be used, and `region` where nothing says it */
  constructor(options: AlibabaKmsOptions, login: AlibabaLogin, environment: Environment, host: ProviderHost) {
    this.region = options.region ?? environment.ALIBABA_CLOUD_REGION_ID;
    const url = options.endpoint ?? gatewayOf(options.instance, this.region);
    const server = { host: hostOf(url), serverTime: () => this.store.serverTime };
    this.#signing = new AlibabaSigning(login, server, host);
    this.store = new StoreApi(
      {
        store: "KMS",
        url,
        options,
        login: () => this.#signing,
        meaningOf,
        saysMissing,
        missingStatuses: [400, 403, 404, 409],
      },
      host,
    );
  }

  /** Reads a secret; undefined where KMS says that there is none. @throws {SecretError} what a request throws */
  secret(query: AlibabaAction["query"], context: CallContext): Promise<HttpAnswer | undefined> {
    return this.store.find(alibabaRequest({ action: "GetSecretValue", version: "2016-01-20", query }), context);
  }

  /** Returns the ARN of this identity, for which everybody may ask. @throws {SecretError} what a request throws */
  identity(context: CallContext): Promise<string | undefined> {
    return this.#signing.identity(context);
  }
}

/** An address that cannot be used is refused by the connection. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

function gatewayOf(instance: string | undefined, region: string | undefined): string {
  if (instance !== undefined) return `https://${instance}.cryptoservice.kms.aliyuncs.com`;
  if (region && /^[a-z0-9-]+$/.test(region)) return `https://kms.${region}.aliyuncs.com`;
  throw new SecretError("INVALID_CONFIG", "the Alibaba Cloud region of the secrets is not set", {
    reason: "region",
    tip: "Set the option `region`, or ALIBABA_CLOUD_REGION_ID.",
  });
}
