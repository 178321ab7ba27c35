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

/** One call of an action. */
export interface AwsRequestOptions {
  readonly action: string;
  readonly input: object;
  /** How IAM names what is asked for, for the tip of a denial. */
  readonly resource: string;
  /** The refusals that the adapter wants to see as an answer. */
  readonly accept?: readonly string[] | undefined;
  /** The most that an answer may hold. Default 2 MiB. */
  readonly maxBytes?: number | undefined;
}

/** What AWS answered: the members of its JSON, or a refusal that was to be accepted. */
export type AwsAnswer =
  | { readonly output: Readonly<Record<string, unknown>> }
  | { readonly output?: undefined; readonly refusal: AwsRefusal };

/** Keys, and when they end. */
class AwsLogin implements HeldLogin {
  readonly keys: AwsKeys;
  readonly #end: EndOnClocks | undefined;

  /** @param skewMs what AWS's clock, by which keys end, is ahead of this machine's, as far as it is known */
  constructor(keys: AwsKeys, clock: ProviderHost["clock"], skewMs: number) {
    this.keys = keys;
    const leftMs = (keys.expiration?.getTime() ?? Number.NaN) - clock.now() - skewMs;
    // Keys that seem to have ended are tried: where the clock of this machine is wrong, AWS takes them.
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
 * Calls one service of AWS with its JSON protocol: signs with the keys of one login, which is renewed before its end and made
 * anew where AWS refuses it, and learns how wrong the clock of this machine is from the Date header of a refusal.
 */
export class AwsClient {
  readonly region: string;
  /** Scheme and host that are asked. */
  readonly url: string;
  readonly #service: AwsService;
  readonly #options: AwsOptions;
  readonly #host: ProviderHost;
  readonly #http: HttpClient;
  readonly #login: CachedLogin<AwsLogin>;
  /** What is added to the clock of this machine. */
  #skewMs = 0;
  #serverTime: number | undefined;
  /** Loaded with the first request: an `import()` costs as much as a signature, also of what is loaded. */
  #signer: AwsSigner | undefined;

  /** @throws {SecretError} INVALID_CONFIG for a region or an address that cannot be used */
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

  /** The wall time of the server with its last answer. */
  get serverTime(): number | undefined {
    return this.#serverTime;
  }

  /** The id of the key in use; it is no secret. */
  get accessKeyId(): string | undefined {
    return this.#login.current?.keys.accessKeyId;
  }

  /** @throws {SecretError} with a reason of docs/errors.md */
  async call(request: AwsRequestOptions, context: CallContext): Promise<AwsAnswer> {
    return this.#login.call(
      (held) => this.#send(request, held.keys, context),
      (error) => isSecretError(error, "UNAUTHENTICATED"),
      context,
    );
  }

  /** Signs and sends a form to another service, as STS takes them, and returns its answer. @throws {SecretError} */
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
    // With the key that it has derived.
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
    // The client sends to the root below it.
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

  /** AWS allows 5 minutes; what is nearer was refused for another cause. */
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
/** With these AWS sends words of its own. */
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

/** @throws {SecretError} INTERNAL `malformed-answer` */
function recordIn(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  const body = answer.json();
  if (isRecord(body)) return body;
  throw new SecretError("INTERNAL", "the response is not in a form that AWS sends", {
    reason: "malformed-answer",
    tip: "Check that `endpoint` leads to AWS, and check any proxy in front of it.",
  });
}
