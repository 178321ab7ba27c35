import { type CallContext, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import { isRecord } from "../answer.ts";
import { credentialWord } from "../credential-text.ts";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpClient } from "../http/client.ts";
import { createHttpClient } from "../http/create-client.ts";
import { tlsMaterial, tlsPlaces } from "../http/tls-options.ts";
import { CachedLogin, type HeldLogin } from "../login.ts";
import { EndOnClocks } from "../two-clocks.ts";
import type { CloudContext } from "./ask-cloud.ts";
import { type AwsService, awsEndpoint, awsRegion } from "./aws-endpoint.ts";
import { type AwsRefusal, awsFailure, isOfClock, refusalIn } from "./aws-errors.ts";
import type { AwsAuth, AwsOptions } from "./aws-options.ts";
import type { AwsKeys, AwsSigner } from "./aws-signature.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A call of one action. */
export interface AwsRequestOptions {
  readonly action: string;
  readonly input: object;
  /** The resource in the terms of IAM, for the tip of a denial. */
  readonly resource: string;
  /** The types of refusals that are returned instead of thrown. */
  readonly accept?: readonly string[] | undefined;
  /** The maximum size of a response. Default: 2 MiB. */
  readonly maxBytes?: number | undefined;
}

/** The response of AWS: the members of its JSON, or an accepted refusal. */
export type AwsAnswer =
  | { readonly output: Readonly<Record<string, unknown>> }
  | { readonly output?: undefined; readonly refusal: AwsRefusal };

/** Keys and their expiry. */
class AwsLogin implements HeldLogin {
  readonly keys: AwsKeys;
  readonly #end: EndOnClocks | undefined;

  /** @param skewMs how far the clock of AWS, by which keys expire, is ahead of this machine's; 0 if it is unknown */
  constructor(keys: AwsKeys, clock: ProviderHost["clock"], skewMs: number) {
    this.keys = keys;
    const leftMs = (keys.expiration?.getTime() ?? Number.NaN) - clock.now() - skewMs;
    // Keys that seem to have expired are used anyway: if the clock of this machine is wrong, AWS accepts them.
    this.#end = leftMs > 0 ? new EndOnClocks(leftMs, clock) : undefined;
  }

  get isUsable(): boolean {
    return this.leftMs === undefined || this.leftMs > 0;
  }

  get leftMs(): number | undefined {
    return this.#end?.leftMs;
  }
}

/**
 * Calls one service of AWS with its JSON protocol. Requests are signed with cached keys, which are replaced before they expire
 * and when AWS refuses them. If AWS refuses the time of a signature, the request is signed once more with the time of AWS.
 */
export class AwsClient {
  readonly region: string;
  /** The URL of the service. */
  readonly url: string;
  readonly #service: AwsService;
  readonly #options: AwsOptions;
  readonly #host: ProviderHost;
  readonly #http: HttpClient;
  readonly #login: CachedLogin<AwsLogin>;
  /** How far the clock of AWS is ahead of this machine's. */
  #skewMs = 0;
  #serverTime: number | undefined;
  /** Loaded once, with the first request: even for a loaded module, `import()` takes as long as a signature. */
  #signer: AwsSigner | undefined;

  /** @throws {SecretError} INVALID_CONFIG for an invalid region or address */
  constructor(service: AwsService, options: AwsOptions, host: ProviderHost, environment: Environment) {
    this.#service = service;
    this.#options = options;
    this.#host = host;
    this.region = awsRegion(options.region, environment);
    this.url = awsEndpoint(service, { ...options, region: this.region }, environment);
    const { proxy, application, allowInsecureHttp } = options;
    const tls = tlsMaterial(tlsPlaces(options.tls), host);
    this.#http = createHttpClient({ url: this.url, proxy, application, allowInsecureHttp, tls }, host);
    this.#login = new CachedLogin<AwsLogin>({ login: (context) => this.#logIn(context) }, host);
  }

  /** The wall time of the server in its last response, in milliseconds since the epoch. */
  get serverTime(): number | undefined {
    return this.#serverTime;
  }

  /** The id of the key in use, which is not secret. */
  get accessKeyId(): string | undefined {
    return this.#login.current?.keys.accessKeyId;
  }

  /** Calls an action. @throws {SecretError} an error of `awsFailure`, of the login, or of `HttpClient.request` */
  async call(request: AwsRequestOptions, context: CallContext): Promise<AwsAnswer> {
    return this.#login.call(
      (held) => this.#send(request, held.keys, context),
      (error) => isSecretError(error, "UNAUTHENTICATED"),
      context,
    );
  }

  /** Sends a signed form to another service, such as STS, and returns the text of its response. @throws {SecretError} as `HttpClient.request` does; errors of the login */
  async ask(service: AwsService, url: string, form: string, context: CallContext): Promise<string> {
    const { proxy, allowInsecureHttp } = this.#options;
    const client = createHttpClient({ url, proxy, allowInsecureHttp, connectTimeoutMs: 2000 }, this.#host);
    const type = "application/x-www-form-urlencoded; charset=utf-8";
    try {
      return await this.#login.call(
        async ({ keys }) => {
          const headers = { "content-type": type, accept: "application/json" };
          const signed = await this.#signed({ service, url, headers, body: form }, keys);
          return (await client.request({ method: "POST", path: "/", headers: signed, body: form }, context)).text();
        },
        () => false,
        context,
      );
    } finally {
      await client.close();
    }
  }

  async close(): Promise<void> {
    await this.#login.close({ signal: AbortSignal.abort() });
    // Drops the derived key.
    this.#signer = undefined;
    await this.#http.close();
  }

  async #send(request: AwsRequestOptions, keys: AwsKeys, context: CallContext): Promise<AwsAnswer> {
    const skewMs = this.#skewMs;
    try {
      return await this.#sendOnce(request, keys, context);
    } catch (error) {
      if (this.#skewMs === skewMs) throw error;
    }
    return this.#sendOnce(request, keys, context);
  }

  async #sendOnce(request: AwsRequestOptions, keys: AwsKeys, { signal }: CallContext): Promise<AwsAnswer> {
    const { action, input, maxBytes } = request;
    const body = JSON.stringify(input);
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `${this.#service.target}.${action}`,
    };
    const signed = await this.#signed({ service: this.#service, url: this.url, headers, body }, keys);
    const answer = await this.#http.request(
      { method: "POST", path: "/", headers: signed, body, accept: refusals, replayable: true, maxBytes },
      { signal },
    );
    this.#serverTime = answer.serverTime;
    if (answer.status < 300) return { output: recordIn(answer) };
    const refusal = refusalIn(answer);
    if (refusal === undefined) throw answer.failure();
    if (request.accept?.includes(refusal.type)) return { refusal };
    if (isOfClock(refusal)) this.#learnClock();
    const { retryAfterMs, cause } = answer.failure();
    const { name: service } = this.#service;
    throw awsFailure(refusal, { action, service, resource: request.resource }, { retryAfterMs, cause });
  }

  async #signed(
    { service, url, headers, body }: SignedParts,
    keys: AwsKeys,
  ): Promise<Readonly<Record<string, string>>> {
    this.#signer ??= new (await import("./aws-signature.ts")).AwsSigner();
    // Requests are sent to the root of this URL.
    const address = new URL(`${url}/`);
    const at = new Date(this.#host.clock.now() + this.#skewMs);
    const request = { method: "POST" as const, url: address, headers, body };
    const { host: _, ...signed } = this.#signer.sign(request, {
      keys,
      service: service.name,
      region: this.region,
      at,
    });
    return signed;
  }

  /** Measures the clock of AWS. A difference below the 5 minutes that AWS allows is not the cause of a refusal. */
  #learnClock(): void {
    if (this.#serverTime === undefined) return;
    const skewMs = this.#serverTime - this.#host.clock.now();
    if (Math.abs(skewMs - this.#skewMs) < leastSkewMs) return;
    this.#skewMs = skewMs;
    this.#host.warn(
      "clock-skew",
      "AWS refuses signatures with the time of this machine, so requests are signed with the time of AWS: set the clock with a time service.",
    );
  }

  async #logIn({ signal }: CallContext): Promise<AwsLogin> {
    const context = { signal, host: this.#host };
    const keys = await keysOf(this.#options.auth, this.region, context);
    return new AwsLogin(keys, this.#host.clock, this.#skewMs);
  }
}

interface SignedParts {
  readonly service: AwsService;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const leastSkewMs = 240_000;
/** The statuses of refusals, whose body AWS has written. */
const refusals: readonly number[] = [400, 401, 403, 404, 429, 500, 503];

async function keysOf(auth: AwsAuth, region: string, context: CloudContext & { host: ProviderHost }): Promise<AwsKeys> {
  const { awsKeys, protectKeys } = await import("./aws.ts");
  if (auth.method === "default") return awsKeys({ region, profile: auth.profile }, context);
  if (auth.method === "role") return awsKeys({ region, profile: auth.profile, role: auth }, context);
  const { host } = context;
  const keys = {
    accessKeyId: auth.accessKeyId,
    secretAccessKey: await credentialWord(auth.secretAccessKey, "secret access key", host),
    ...(auth.sessionToken !== undefined && {
      sessionToken: await credentialWord(auth.sessionToken, "session token", host),
    }),
  };
  protectKeys(keys, context);
  return keys;
}

/** Parses a response as a JSON object. @throws {SecretError} INTERNAL `malformed-answer` */
function recordIn(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  const body = answer.json();
  if (isRecord(body)) return body;
  throw new SecretError("INTERNAL", "the response is not in a form that AWS sends", {
    reason: "malformed-answer",
    tip: "Check that `endpoint` leads to AWS, and check any proxy in front of it.",
  });
}
