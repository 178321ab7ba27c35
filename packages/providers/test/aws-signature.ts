import { createHash, createHmac } from "node:crypto";

/** What STS gets of a question that was signed elsewhere. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The keys that STS knows. */
export interface KnownKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What STS finds out. */
export interface CheckedSignature {
  readonly region: string;
  readonly signedHeaders: readonly string[];
}

/**
 * Checks a Signature Version 4 as STS does, from the description of the algorithm alone.
 * @returns undefined for a wrong one, or one more than 15 minutes off
 */
export function checkSignature(request: SignedRequest, key: KnownKey, now: number): CheckedSignature | undefined {
  const { headers, method, url, body } = request;
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/sts\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, keyId, day = "", region = "", names = "", signature] = form.exec(headers.authorization ?? "") ?? [];
  const date = headers["x-amz-date"] ?? "";
  if (keyId !== key.accessKeyId || headers["x-amz-security-token"] !== key.sessionToken) return undefined;
  if (Math.abs(timeOf(date) - now) > 900_000 || !date.startsWith(day)) return undefined;
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
  const scope = `${day}/${region}/sts/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const steps = [day, region, "sts", "aws4_request", text];
  const mac = steps.reduce<string | Buffer>((secret, step) => hmac(secret, step), `AWS4${key.secretAccessKey}`);
  return Buffer.from(mac as Buffer).toString("hex") === signature ? { region, signedHeaders } : undefined;
}

function timeOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(secret: string | Buffer, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
