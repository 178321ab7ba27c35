import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { percentEncoded, sha256 } from "./canonical-text.ts";
import { utcTime } from "./utc-time.ts";

/** Keys of AWS, in the form of the SDK. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** A request to be signed. */
export interface AwsRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  /** The headers except `host`, which is added; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The parameters of a signature. */
export interface AwsSigning {
  readonly keys: AwsKeys;
  /** The name of the service in the signature: `secretsmanager`. */
  readonly service: string;
  readonly region: string;
  /** The wall time, which may be 5 minutes off. */
  readonly at: Date;
}

/**
 * Signs requests with Signature Version 4. Caches the last derived key, which is valid for one day, region and service.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class AwsSigner {
  #derived: { readonly secret: string; readonly scope: string; readonly key: KeyObject } | undefined;

  /** Returns the headers of a request, including its signature. */
  sign({ method, url, headers, body }: AwsRequest, signing: AwsSigning): Readonly<Record<string, string>> {
    const { keys, service, region, at } = signing;
    const date = utcTime(at).replace(/[:-]/g, "");
    const all: Readonly<Record<string, string>> = {
      ...headers,
      host: url.host,
      "x-amz-date": date,
      ...(keys.sessionToken && { "x-amz-security-token": keys.sessionToken }),
    };
    const names = Object.keys(all).sort();
    const signed = names.join(";");
    const lines = names.map((name) => `${name}:${all[name]?.trim().replace(/\s+/g, " ")}`);
    const canonical = [method, canonicalPath(url), canonicalQuery(url), ...lines, "", signed, sha256(body)].join("\n");
    const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
    const text = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
    const signature = hmac(this.#keyOf(keys.secretAccessKey, scope), text).toString("hex");
    const authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return { ...all, authorization };
  }

  #keyOf(secret: string, scope: string): KeyObject {
    if (this.#derived?.secret !== secret || this.#derived.scope !== scope) {
      const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secret}`);
      // A KeyObject is faster: Node spends more time on converting a key of bytes than on using it.
      this.#derived = { secret, scope, key: createSecretKey(key as Buffer) };
    }
    return this.#derived.key;
  }
}

/** Returns the path with repeated slashes merged, and encoded a second time, as all services except S3 require. */
function canonicalPath({ pathname }: URL): string {
  return percentEncoded(pathname.replace(/\/+/g, "/")).replaceAll("%2F", "/");
}

/** Returns the query sorted by name, then by value. */
function canonicalQuery({ searchParams }: URL): string {
  const pairs = [...searchParams].map((pair) => pair.map(percentEncoded).join("\0")).toSorted();
  return pairs.map((pair) => pair.replace("\0", "=")).join("&");
}

function hmac(key: string | Buffer | KeyObject, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
