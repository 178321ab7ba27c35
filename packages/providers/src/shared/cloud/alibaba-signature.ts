import { createHmac, randomUUID } from "node:crypto";
import { percentEncoded, sha256 } from "./canonical-text.ts";
import { utcTime } from "./utc-time.ts";

/** An access key of Alibaba Cloud. */
export interface AlibabaKeys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** The token of temporary keys. */
  readonly securityToken?: string | undefined;
}

/** A call of an API action without a body. */
export interface AlibabaCall {
  /** The value of the Host header. */
  readonly host: string;
  readonly action: string;
  /** The version of the API: `2016-01-20`. */
  readonly version: string;
  readonly query: Readonly<Record<string, string | undefined>>;
}

/**
 * Returns the headers of a POST to `/` with a signature of version 3.
 * @param at the wall time, which may be 15 minutes off @param nonce must differ for each request; by default random
 * @see https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
 */
export function signAlibabaCall(
  { host, action, version, query }: AlibabaCall,
  { accessKeyId, accessKeySecret, securityToken }: AlibabaKeys,
  { at, nonce = randomUUID() }: { readonly at: Date; readonly nonce?: string },
): Readonly<Record<string, string>> {
  const headers: Readonly<Record<string, string>> = {
    host,
    "x-acs-action": action,
    "x-acs-content-sha256": emptyBody,
    "x-acs-date": utcTime(at),
    ...(securityToken !== undefined && { "x-acs-security-token": securityToken }),
    "x-acs-signature-nonce": nonce,
    "x-acs-version": version,
  };
  const names = Object.keys(headers).sort();
  const signed = names.join(";");
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]?.trim()}\n`).join("");
  const canonical = ["POST", "/", canonicalQuery(query), canonicalHeaders, signed, emptyBody].join("\n");
  const signature = createHmac("sha256", accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest("hex");
  return {
    ...headers,
    authorization: `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${signed},Signature=${signature}`,
  };
}

const emptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Returns the sorted query, encoded as in RFC 3986. */
function canonicalQuery(query: AlibabaCall["query"]): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return pairs
    .map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`)
    .sort()
    .join("&");
}
