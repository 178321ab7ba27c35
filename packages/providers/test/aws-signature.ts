import { createHash, createHmac } from "node:crypto";

/** A request that was signed. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A key that the service knows. */
export interface KnownKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What a good signature says. */
export interface CheckedSignature {
  readonly service: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
}

/**
 * Checks a Signature Version 4 as AWS does, from the description of the algorithm alone.
 * @returns undefined for a wrong one
 */
export function checkSignature(request: SignedRequest, key: KnownKey): CheckedSignature | undefined {
  const { headers, method, url, body } = request;
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, keyId, day = "", region = "", service = "", names = "", signature] =
    form.exec(headers.authorization ?? "") ?? [];
  const date = headers["x-amz-date"] ?? "";
  if (keyId !== key.accessKeyId || headers["x-amz-security-token"] !== key.sessionToken) return undefined;
  if (!date.startsWith(day)) return undefined;
  const signedHeaders = names.split(";");
  const canonical = [
    method,
    url.pathname,
    url.search.slice(1),
    ...signedHeaders.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, " ")}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const steps = [day, region, service, "aws4_request", text];
  const mac = steps.reduce<string | Buffer>((secret, step) => hmac(secret, step), `AWS4${key.secretAccessKey}`);
  return Buffer.from(mac as Buffer).toString("hex") === signature ? { service, region, signedHeaders } : undefined;
}

/** Returns the time that a request says it was signed at; NaN where it says none. */
export function signingTime({ headers }: Pick<SignedRequest, "headers">): number {
  const date = headers["x-amz-date"] ?? "";
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(secret: string | Buffer, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
