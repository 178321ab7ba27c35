import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AwsRequest, AwsSigner, type AwsSigning } from "./aws-signature.ts";

describe("the published test cases", () => {
  const signing: AwsSigning = {
    keys: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
    service: "service",
    region: "us-east-1",
    at: new Date("2015-08-30T12:36:00Z"),
  };
  const url = new URL("https://example.amazonaws.com/");
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const cases: readonly [string, Partial<AwsRequest>, string][] = [
    ["get-vanilla", { method: "GET" }, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    [
      "get-vanilla-query-order-key-case",
      { method: "GET", url: new URL("https://example.amazonaws.com/?Param2=value2&Param1=value1") },
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      "get-header-value-trim",
      { method: "GET", headers: { "my-header1": " value1", "my-header2": ' "a   b   c"' } },
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ],
    [
      "get-slashes",
      { method: "GET", url: new URL("https://example.amazonaws.com//example//") },
      "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
    ],
    ["post-vanilla", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
    [
      "post-header-key-sort",
      { headers: { "my-header1": "value1" } },
      "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ],
    [
      "post-x-www-form-urlencoded",
      { headers: form, body: "Param1=value1" },
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ],
  ];

  test.each(cases)("%s", (_, part, signature) => {
    const request = { method: "POST", url, headers: {}, body: "", ...part } as const;
    expect(new AwsSigner().sign(request, signing).authorization).toMatch(new RegExp(`, Signature=${signature}$`));
  });
});

test.each([
  [undefined, "79156d0d3c93c3b98f06422e2715802641d80c16ef8d536f690e02fbc6d899ea"],
  ["SESSIONTOKEN", "7116edc264037b0477d95a4b2b995e1bd124bc65f75c64d838f588553070ee50"],
])("a read with the session token %s has the signature of botocore", (sessionToken, signature) => {
  const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
  const headers = new AwsSigner().sign(
    {
      method: "POST",
      url: new URL("https://secretsmanager.us-east-1.amazonaws.com"),
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "secretsmanager.GetSecretValue",
      },
      body: '{"SecretId":"prod/db","VersionStage":"AWSCURRENT"}',
    },
    {
      keys: { ...keys, ...(sessionToken && { sessionToken }) },
      service: "secretsmanager",
      region: "us-east-1",
      at: new Date("2026-11-20T12:00:00Z"),
    },
  );
  expect(headers.authorization).toMatch(new RegExp(`, Signature=${signature}$`));
  expect(headers["x-amz-security-token"]).toBe(sessionToken);
});

test("any request has the signature of the official signer of the SDK", async () => {
  const word = fc.stringMatching(/^[\w+/=.-]{1,40}$/);
  const name = fc.stringMatching(/^x-[a-z][a-z0-9-]{0,20}$/).filter((each) => !official.unsigned.test(each));
  // Header values are limited to characters that Node can send.
  const value = fc.stringMatching(/^[\t\x20-\x7e]{0,30}$/);
  // `new URL` removes segments that are `.` or `..`.
  const segment = fc.string({ unit: "grapheme", maxLength: 8 }).filter((each) => !/^\.+$/.test(each));
  const requests = fc.record({
    method: fc.constantFrom("GET", "POST"),
    host: fc.constantFrom("sts.amazonaws.com", "127.0.0.1:4566", "kms.eu-central-1.amazonaws.com:8443"),
    path: fc.array(segment, { maxLength: 3 }),
    query: fc.dictionary(
      segment.filter((each) => each !== ""),
      fc.string({ unit: "grapheme", maxLength: 8 }),
      { maxKeys: 4, noNullPrototype: true },
    ),
    headers: fc.dictionary(name, value, { maxKeys: 5 }),
    body: fc.string({ unit: "grapheme", maxLength: 200 }),
  });
  const signings = fc.record({
    accessKeyId: word,
    secretAccessKey: fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
    sessionToken: fc.option(word, { nil: undefined }),
    service: fc.constantFrom("secretsmanager", "ssm", "kms", "sts"),
    region: fc.constantFrom("eu-central-1", "us-gov-west-1"),
    at: fc.date({ min: new Date("2020-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }),
  });
  const signer = new AwsSigner();
  await fc.assert(
    fc.asyncProperty(
      requests,
      signings,
      async ({ host, path, query, method, ...rest }, { service, region, at, ...parts }) => {
        const { sessionToken, ...pair } = parts;
        const signing = { keys: sessionToken === undefined ? pair : { ...pair, sessionToken }, service, region, at };
        const url = new URL(`https://${host}/${path.map(encodeURIComponent).join("/")}`);
        for (const [name, text] of Object.entries(query)) url.searchParams.append(name, text);
        const request: AwsRequest = { ...rest, url, method: method === "GET" ? "GET" : "POST" };
        // Signs once with a key cached from another request, and once with a new signer.
        for (let time = 0; time < 2; time += 1)
          expect(signer.sign(request, signing)).toEqual(await official.sign(request, signing));
      },
    ),
    { numRuns: process.env.TACIT_ALL_SEEDS === undefined ? 60 : 5_000 },
  );
});

const official = {
  /** Headers that the official signer leaves out because a proxy may change them. */
  unsigned: /^x-amzn-trace-id$/,
  async sign({ method, url, headers, body }: AwsRequest, { keys, at, ...scope }: AwsSigning) {
    const signer = new SignatureV4({ ...scope, credentials: keys, sha256: Sha256, applyChecksum: false });
    const { protocol, hostname, pathname: path, host, searchParams } = url;
    const query = Object.fromEntries(searchParams);
    const request = { method, protocol, hostname, path, query, headers: { ...headers, host }, body };
    return (await signer.sign(request, { signingDate: at })).headers;
  },
};

/** Computes the hashes for the official signer with Node's crypto. */
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
