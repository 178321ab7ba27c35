import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { conformanceHost } from "@tacit/core/conformance";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { forever } from "../../../test/file/file-fixture.ts";
import { createAwsKms } from "./aws-kms.ts";
import { createAzureKey } from "./azure-key.ts";
import { createGcpKms } from "./gcp-kms.ts";
import type { KeyService } from "./key-service.ts";

const dataKey = Buffer.from("s3cret-fixture-of-32-bytes-here!");
const arn = "arn:aws:kms:eu-central-1:123456789012:key/0f0e0d0c-0b0a-0908-0706-050403020100";
const resource = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
const version = "0123456789abcdef0123456789abcdef";

const forbidden = { error: { code: "Forbidden", innererror: { code: "ForbiddenByRbac" } } };
/** The responses to the next calls of the service; by default it echoes. */
let answer: { readonly status: number; readonly body: object } | undefined;
const heard: { readonly url: string; readonly body: string; readonly headers: IncomingMessage["headers"] }[] = [];
const server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  const { url = "", headers } = request;
  heard.push({ url, body, headers });
  const reply = (status: number, json: object): void =>
    void response
      .writeHead(status, { "content-type": "application/json", "metadata-flavor": "Google" })
      .end(JSON.stringify(json));
  if (url.includes("/computeMetadata/") || url.includes("/metadata/identity"))
    return reply(200, { access_token: "t0ken-fixture", expires_in: 3600, token_type: "Bearer" });
  if (headers.authorization === undefined) {
    const challenge = `Bearer authorization="https://login.microsoftonline.com/tenant", resource="http://127.0.0.1"`;
    response.setHeader("www-authenticate", challenge);
    return reply(401, { error: { code: "Unauthorized" } });
  }
  if (answer !== undefined) return reply(answer.status, answer.body);
  const base64 = dataKey.toString("base64");
  reply(200, {
    Plaintext: base64,
    plaintext: base64,
    CiphertextBlob: "AAAA",
    ciphertext: "AAAA",
    value: dataKey.toString("base64url"),
    kid: `x/${version}`,
  });
});
const services: Record<string, KeyService> = {};
const wrapped: Record<string, object> = {};

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const host = conformanceHost({ credential: async () => Buffer.from("s3cret-key-fixture-of-aws") });
  const keys = { method: "keys", accessKeyId: "AKIAFIXTUREFIXTURE00", secretAccessKey: { $env: "KEY" } } as const;
  const aws = {
    endpoint: `http://${at}`,
    fips: false,
    dualStack: false,
    tls: { verify: true },
    allowInsecureHttp: false,
  };
  services.aws = createAwsKms({ use: "aws-kms", keyId: arn, auth: keys, ...aws }, host, {}) as KeyService;
  wrapped.aws = { use: "aws-kms", keyId: arn, ciphertext: "AAAA", context: { env: "prod" } };
  const metadata = { GCE_METADATA_HOST: at, AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://${at}` };
  const gcp = {
    use: "gcp-kms",
    keyId: resource,
    endpoint: `http://${at}`,
    auth: { method: "metadata", serviceAccount: "default" },
  } as const;
  services.gcp = createGcpKms(gcp, host, metadata) as KeyService;
  wrapped.gcp = { use: "gcp-kms", keyId: resource, ciphertext: "AAAA" };
  const azure = {
    use: "azure-key",
    keyId: `http://${at}/keys/k`,
    auth: { method: "managed" },
    allowInsecureHttp: false,
  } as const;
  services.azure = createAzureKey(azure, host, metadata) as KeyService;
  wrapped.azure = { use: "azure-key", keyId: `http://${at}/keys/k`, version, ciphertext: "AAAA" };
});
beforeEach(() => {
  answer = undefined;
  heard.length = 0;
});
afterAll(async () => {
  await Promise.all(Object.values(services).map((service) => service.close?.()));
  server.close();
});

describe.each(["aws", "gcp", "azure"])("the key service %s", (name) => {
  const unwrap = (changes: object = {}): Promise<Uint8Array | undefined> =>
    services[name]?.unwrap({ ...wrapped[name], ...changes } as never, forever) ??
    Promise.reject(new Error("no service"));

  test("unwraps a data key, only with the key of the document", async () => {
    expect(Buffer.from((await unwrap()) ?? [])).toEqual(dataKey);
    heard.length = 0;
    const elsewhere = name === "azure" ? "https://evil.vault.azure.net/keys/k" : "arn:aws:kms:evil:1:key/x";
    expect(await unwrap({ keyId: elsewhere })).toBeUndefined();
    expect(heard).toEqual([]);
  });

  test("wraps a data key so that it can be unwrapped", async () => {
    const result = await services[name]?.wrap?.(dataKey, {}, forever);
    expect(result).toMatchObject({ use: services[name]?.use });
    expect(Buffer.from((await services[name]?.unwrap(result as never, forever)) ?? [])).toEqual(dataKey);
  });

  test("logs in once for several data keys", async () => {
    await Promise.all([unwrap(), unwrap(), unwrap()]);
    await unwrap();
    const logins = heard.filter(({ url }) => /\/computeMetadata\/|\/metadata\/identity/.test(url));
    expect(logins.length).toBeLessThanOrEqual(1);
  });

  test("a response without a wrapped key is an error", async () => {
    answer = { status: 200, body: {} };
    const error = await services[name]?.wrap?.(dataKey, {}, forever).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });

  test.each([
    [
      "a denial",
      { aws: [400, { __type: "AccessDeniedException" }], gcp: [403, {}], azure: [403, forbidden] },
      "PERMISSION_DENIED",
    ],
    [
      "a disabled key",
      {
        aws: [400, { __type: "DisabledException" }],
        gcp: [400, { error: { status: "FAILED_PRECONDITION" } }],
        azure: [403, forbidden],
      },
      "PERMISSION_DENIED",
    ],
    [
      "a key that is gone",
      { aws: [400, { __type: "NotFoundException" }], gcp: [404, {}], azure: [404, { error: { code: "KeyNotFound" } }] },
      "PERMISSION_DENIED",
    ],
    [
      "a foreign ciphertext",
      {
        aws: [400, { __type: "InvalidCiphertextException" }],
        gcp: [400, {}],
        azure: [400, { error: { code: "BadParameter" } }],
      },
      "INVALID_VALUE",
    ],
    ["an outage", { aws: [500, {}], gcp: [503, {}], azure: [503, {}] }, "UNAVAILABLE"],
    ["a limit", { aws: [400, { __type: "ThrottlingException" }], gcp: [429, {}], azure: [429, {}] }, "THROTTLED"],
  ] as const)("reports %s as %s", async (_title, answers, code) => {
    const [status, body] = answers[name as "aws"];
    answer = { status, body };
    const error = await unwrap().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(`${error} ${JSON.stringify(error)}`).not.toMatch(/s3cret|t0ken/);
  });
});

test("the encryption context of a file is sent to AWS, and signed", async () => {
  await services.aws?.unwrap(wrapped.aws as never, forever);
  const [call] = heard;
  expect(JSON.parse(call?.body ?? "")).toEqual({
    KeyId: arn,
    CiphertextBlob: "AAAA",
    EncryptionContext: { env: "prod" },
  });
  expect(call?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/eu-central-1\/kms\//);
});
