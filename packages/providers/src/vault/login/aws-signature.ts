import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import type { SignatureV4 } from "@smithy/signature-v4";
import type { AwsIamLoginOptions } from "./aws-iam.ts";
import { missingPeer } from "./optional-peer.ts";

type Signing = ConstructorParameters<typeof SignatureV4>[0];

/** Keys of AWS, as the SDK's chain gives them. */
export type AwsKeys = Exclude<Signing["credentials"], (...never: never[]) => unknown>;

/** A signed GetCallerIdentity, each part in base64, as Vault takes it. It is as good as a password for a quarter of an hour. */
export interface SignedQuestion {
  readonly iam_http_request_method: "POST";
  readonly iam_request_url: string;
  readonly iam_request_body: string;
  readonly iam_request_headers: string;
}

/**
 * Signs a GetCallerIdentity with Signature Version 4 and sends it nowhere.
 * @param at wall time; STS allows it to be 5 minutes off, and Vault sends it at once
 * @throws {SecretError} INVALID_CONFIG `sdk-missing`
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
 */
export async function signCallerIdentity(
  credentials: AwsKeys,
  options: Pick<AwsIamLoginOptions, "region" | "endpoint" | "serverId">,
  at: Date,
): Promise<SignedQuestion> {
  const { SignatureV4 } = await importSignature();
  const url = stsUrl(options);
  const signer = new SignatureV4({
    service: "sts",
    region: options.region ?? "us-east-1",
    credentials,
    sha256: Sha256,
  });
  const { headers } = await signer.sign(
    {
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: {
        host: url.host,
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        ...(options.serverId !== undefined && { "x-vault-aws-iam-server-id": options.serverId }),
      },
      body,
    },
    { signingDate: at },
  );
  return {
    iam_http_request_method: "POST",
    iam_request_url: base64(url.href),
    iam_request_body: base64(body),
    iam_request_headers: base64(JSON.stringify(headers)),
  };
}

const body = "Action=GetCallerIdentity&Version=2011-06-15";

function stsUrl({ region, endpoint }: Pick<AwsIamLoginOptions, "region" | "endpoint">): URL {
  if (endpoint !== undefined) return new URL(endpoint);
  if (region === undefined) return new URL("https://sts.amazonaws.com/");
  return new URL(`https://sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/`);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** What the signer asks for, of Node's own. */
class Sha256 {
  readonly #secret: Buffer | undefined;
  #state: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : toBuffer(secret);
    this.#state = this.#begin();
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#state.update(toBuffer(chunk));
  }

  async digest(): Promise<Uint8Array> {
    return this.#state.digest();
  }

  reset(): void {
    this.#state = this.#begin();
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
  }
}

function toBuffer(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}

async function importSignature(): Promise<typeof import("@smithy/signature-v4")> {
  try {
    return await import("@smithy/signature-v4");
  } catch (cause) {
    throw missingPeer("@smithy/signature-v4@5", cause);
  }
}
