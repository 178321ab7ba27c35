import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { checkSignature, type KnownKey, type SignedRequest, signingTime } from "./aws-signature.ts";
import { type DoubleAnswer, HttpDouble } from "./http-double.ts";

/** A request to one of the services. */
export interface AwsDoubleRequest extends SignedRequest {
  /** Of `X-Amz-Target`, or of a form: `GetSecretValue`. */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Answers the actions of one service. */
export type AwsActions = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => DoubleAnswer>>;

/** What AWS checks before a service sees a request. */
interface DoubleKey extends KnownKey {
  readonly hasEnded?: boolean;
}

export const account = "123456789012";
const leastSkewMs = 300_000;

/** The services of AWS behind one address: it verifies each signature and keeps what it has heard. */
export class AwsDouble extends HttpDouble<AwsDoubleRequest> {
  /** key id -> the key */
  readonly keys = new Map<string, DoubleKey>();
  /** Begins an `X-Amz-Target` -> its actions */
  readonly services = new Map<string, AwsActions>();
  /** Every secret key and token that it has ever known. */
  readonly made: string[] = [];
  /** Called when logins end: whoever gives out keys gives others from then on. */
  onExpired: (() => void) | undefined;
  /** What STS says. */
  caller = `arn:aws:sts::${account}:assumed-role/app/pod`;
  /** Whether the container's endpoint of credentials gives keys. */
  container: (() => DoubleAnswer) | undefined;
  #serial = 0;

  /** How many requests asked for one of the actions. */
  count(...actions: readonly string[]): number {
    return this.requests.filter(({ action }) => actions.includes(action)).length;
  }

  /** Makes a key, or replaces its secret. */
  makeKey(accessKeyId: string, withToken = false): DoubleKey {
    this.#serial += 1;
    const secretAccessKey = `s3cret-fixture-key-${this.#serial}`;
    const sessionToken = `s3cret-fixture-session-${this.#serial}`;
    const key = withToken ? { accessKeyId, secretAccessKey, sessionToken } : { accessKeyId, secretAccessKey };
    this.keys.set(accessKeyId, key);
    this.made.push(secretAccessKey, ...(withToken ? [sessionToken] : []));
    return key;
  }

  override expireLogins(): void {
    for (const [id, key] of this.keys) this.keys.set(id, { ...key, hasEnded: true });
    this.onExpired?.();
  }

  protected override parse(message: IncomingMessage, body: string): AwsDoubleRequest {
    const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
    const url = new URL(message.url ?? "/", `${this.scheme}://${headers.host}`);
    const target = headers["x-amz-target"]?.split(".").at(-1);
    const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
    const input = isForm ? Object.fromEntries(new URLSearchParams(body)) : jsonOf(body);
    const action = target ?? (isForm ? String(input.Action) : url.pathname);
    return { method: message.method ?? "", url, headers, body, action, input };
  }

  protected override answer(request: AwsDoubleRequest): DoubleAnswer {
    if (request.url.pathname === "/credentials") return this.container?.() ?? { status: 404 };
    const refusal = this.#refusal(request);
    if (refusal !== undefined) return refusal;
    if (request.action === "GetCallerIdentity") {
      const GetCallerIdentityResult = { Arn: this.caller, UserId: "AROA:pod", Account: account };
      return { body: { GetCallerIdentityResponse: { GetCallerIdentityResult } } };
    }
    const service = this.services.get(request.headers["x-amz-target"]?.split(".")[0] ?? "");
    const answer = service?.[request.action];
    return answer?.(request.input) ?? awsError("UnknownOperationException");
  }

  protected override headersFor(): Readonly<Record<string, string>> {
    return { "x-amzn-requestid": randomUUID() };
  }

  #refusal(request: AwsDoubleRequest): DoubleAnswer | undefined {
    const id = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const key = this.keys.get(id);
    if (key === undefined || this.refusesLogins)
      return awsError("UnrecognizedClientException", "The security token included in the request is invalid.");
    if (key.hasEnded) return awsError("ExpiredTokenException", "The security token included in the request is expired");
    const checked = checkSignature(request, key);
    const wanted = ["host", "x-amz-date", ...(request.headers["x-amz-target"] === undefined ? [] : ["x-amz-target"])];
    const isWhole = wanted.every((name) => checked?.signedHeaders.includes(name));
    if (!isWhole) return awsError("InvalidSignatureException", "The request signature we calculated does not match");
    const now = this.now?.() ?? Date.now();
    if (Math.abs(signingTime(request) - now) <= leastSkewMs) return undefined;
    return awsError("InvalidSignatureException", "Signature expired: it is now earlier than the time of the request");
  }
}

/** A refusal as the services with JSON write it. */
export function awsError(type: string, message = "s3cret-fixture", status = 400): DoubleAnswer {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: { __type: type, Message: message },
  };
}

function jsonOf(body: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
