import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { conformanceHost } from "@tacit/core/conformance";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type HttpFixture, openHttpFixture } from "../../../test/http-fixture.ts";
import { type GoogleAuth, GoogleLogin } from "./google-login.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tacit-google-"));
  for (const name of Object.keys(process.env).filter((each) => /^(GOOGLE|GCE|GCLOUD|CLOUDSDK)_/.test(each)))
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

/** Writes a credentials file. */
function write(name: string, content: unknown): string {
  const file = join(directory, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

function federation(members: object = {}): object {
  return {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: "https://sts.googleapis.com/v1/token",
    credential_source: { file: write("subject", "s3cret-fixture-subject-1") },
    ...members,
  };
}

/** Starts a server for all services of Google, and a proxy that records requests to any other server. */
async function serveGoogle(http: HttpFixture, behindMs = 0) {
  const asked: { readonly url: string; readonly body: string }[] = [];
  let issued = 0;
  const server = await http.serve(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    asked.push({ url: message.url ?? "", body: Buffer.concat(chunks).toString() });
    const json = (body: object): void => {
      response.writeHead(200, { "content-type": "application/json", "metadata-flavor": "Google" });
      response.end(JSON.stringify(body));
    };
    if (message.url === "/subject") return void response.end("s3cret-fixture-subject-of-url");
    if (message.url?.endsWith("/email")) {
      response.writeHead(200, { "metadata-flavor": "Google" }).end("app@p.iam.gserviceaccount.com");
      return;
    }
    issued += 1;
    if (message.url?.endsWith(":generateAccessToken"))
      return json({
        accessToken: `s3cret-fixture-of-account-${issued}`,
        expireTime: new Date(Date.now() + 1_800_000 - behindMs),
      });
    json({ access_token: `s3cret-fixture-access-${issued}`, expires_in: 3600, token_type: "Bearer" });
  });
  const proxy = await http.serveRaw((socket) => {
    socket.once("data", (head: Buffer) => {
      asked.push({ url: head.toString().split("\r\n")[0] ?? "", body: "" });
      socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    });
  });
  for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])
    vi.stubEnv(name, proxy.url.replace(/^\w+/, "http"));
  vi.stubEnv("NO_PROXY", "127.0.0.1");
  vi.stubEnv("no_proxy", "127.0.0.1");
  return { asked, url: server.url, host: server.url.replace("http://", "") };
}

/** Logs in with the identity of the environment, and returns the result. */
function open(http: HttpFixture, environment: Record<string, string>, auth: GoogleAuth = { method: "default" }) {
  const host = conformanceHost();
  const login = new GoogleLogin(auth, environment);
  const context = { host, signal: http.controller.signal };
  return { host, token: () => login.token(context), member: () => login.member(context) };
}

describe("a workload identity federation", () => {
  test("calls only the token endpoint, no service for the project, and reads its file again for each token", async () => {
    await using http = openHttpFixture();
    const { asked, url } = await serveGoogle(http);
    const file = write("adc.json", federation({ token_url: `${url}/v1/token` }));
    const { host, token, member } = open(http, { GOOGLE_APPLICATION_CREDENTIALS: file });
    const first = await token();
    expect(first).toEqual({ token: "s3cret-fixture-access-1", lifeMs: expect.closeTo(3_600_000, -5) });
    write("subject", "s3cret-fixture-subject-2");
    expect((await token()).token).toBe("s3cret-fixture-access-2");
    expect(asked.map((each) => each.url)).toEqual(["/v1/token", "/v1/token"]);
    expect(asked.map(({ body }) => new URLSearchParams(body).get("subject_token"))).toEqual([
      "s3cret-fixture-subject-1",
      "s3cret-fixture-subject-2",
    ]);
    expect(host.protected.map(({ value }) => value)).toContain("s3cret-fixture-access-1");
    expect(await member()).toBeUndefined();
    expect(host.warnings).toEqual([]);
  });

  test("reads its token from a URL, and impersonates a service account", async () => {
    await using http = openHttpFixture();
    const { asked, url } = await serveGoogle(http);
    const account = "app@p.iam.gserviceaccount.com";
    const file = write(
      "adc.json",
      federation({
        token_url: `${url}/v1/token`,
        credential_source: { url: `${url}/subject` },
        service_account_impersonation_url: `${url}/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
      }),
    );
    const { token, member } = open(http, {}, { method: "credentials", credentials: { $file: file } });
    expect((await token()).token).toBe("s3cret-fixture-of-account-2");
    expect(asked.map((each) => each.url)).toEqual([
      "/subject",
      "/v1/token",
      `/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
    ]);
    expect(await member()).toBe(`serviceAccount:${account}`);
  });

  test("does not treat a token as expired because the clock of this machine is hours ahead", async () => {
    await using http = openHttpFixture();
    const { url } = await serveGoogle(http, 7_200_000);
    const file = write(
      "adc.json",
      federation({
        token_url: `${url}/v1/token`,
        credential_source: { url: `${url}/subject` },
        service_account_impersonation_url: `${url}/v1/projects/-/serviceAccounts/a@b.example:generateAccessToken`,
      }),
    );
    const { token } = open(http, {}, { method: "credentials", credentials: { $file: file } });
    expect((await token()).lifeMs).toBe(300_000);
  });

  test("runs a program only if the variable of Google's libraries allows it", async () => {
    await using http = openHttpFixture();
    const { url } = await serveGoogle(http);
    const answer = {
      version: 1,
      success: true,
      token_type: "urn:ietf:params:oauth:token-type:jwt",
      id_token: "s3cret-fixture-of-program",
      expiration_time: Math.floor(Date.now() / 1000) + 600,
    };
    const output = write("answer.json", answer);
    const executable = { command: `cat ${output}`, timeout_millis: 5000 };
    const file = write("adc.json", federation({ token_url: `${url}/v1/token`, credential_source: { executable } }));
    await expect(open(http, { GOOGLE_APPLICATION_CREDENTIALS: file }).token()).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      reason: "credentials-file",
      tip: expect.stringContaining("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1"),
    });
    vi.stubEnv("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    const { token } = open(http, {
      GOOGLE_APPLICATION_CREDENTIALS: file,
      GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "1",
    });
    expect((await token()).token).toBe("s3cret-fixture-access-1");
  });

  test.each([
    ["token_url", "https://sts.example/v1/token"],
    ["token_url", "http://sts.googleapis.com/v1/token"],
    ["token_url", "https://sts.googleapis.com.example/v1/token"],
    ["token_url", "https://sts.googleapis.com@attacker.example/v1/token"],
    ["token_url", "https://a:b@sts.googleapis.com/v1/token"],
    ["token_url", "https://storage.googleapis.com/v1/token"],
    ["token_url", "https://iamcredentials.googleapis.com/v1/token"],
    ["token_url", "https://127.0.0.1.example/v1/token"],
    ["token_url", "not a url"],
    ["token_url", 7],
    ["token_info_url", "https://sts.example/v1/introspect"],
    ["service_account_impersonation_url", "https://attacker.example/serviceAccounts/a@b:generateAccessToken"],
    ["service_account_impersonation_url", "https://sts.googleapis.com/serviceAccounts/a@b:generateAccessToken"],
    ["universe_domain", "attacker.example"],
    ["universe_domain", 7],
  ])("sends nothing if its %s is %j", async (key, value) => {
    await using http = openHttpFixture();
    const { asked } = await serveGoogle(http);
    const file = write("adc.json", federation({ [key]: value }));
    await expect(open(http, { GOOGLE_APPLICATION_CREDENTIALS: file }).token()).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      reason: "credentials-file",
      message: expect.stringContaining(key),
    });
    expect(asked).toEqual([]);
  });

  test("does not include the library's error about an invalid source in its own", async () => {
    await using http = openHttpFixture();
    const file = write("adc.json", federation({ credential_source: { url: "s3cret-fixture", headers: 7, file: "x" } }));
    const error: unknown = await open(http, { GOOGLE_APPLICATION_CREDENTIALS: file })
      .token()
      .catch((each: unknown) => each);
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "cloud-identity" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cret-fixture");
  });

  test.each([
    ["tokenUrl", (url: string) => `${url}/other`],
    ["serviceAccountImpersonationUrl", (url: string) => `${url}/serviceAccounts/a@b:generateAccessToken`],
    ["universeDomain", () => "attacker.example"],
    ["transporterOptions", (url: string) => ({ baseURL: url, proxy: url })],
  ])("ignores %s, with which Google's library would call another server", async (key, valueAt) => {
    await using http = openHttpFixture();
    const { asked, url } = await serveGoogle(http);
    const file = write("adc.json", federation({ token_url: undefined, [key]: valueAt(url) }));
    await expect(open(http, { GOOGLE_APPLICATION_CREDENTIALS: file }).token()).rejects.toMatchObject({
      reason: "cloud-identity",
    });
    expect(new Set(asked.map((each) => each.url))).toEqual(new Set(["CONNECT sts.googleapis.com:443 HTTP/1.1"]));
  });

  test.each([
    "https://sts.googleapis.com/v1/token",
    "https://sts.europe-west3.rep.googleapis.com/v1/token",
    "https://europe-west3-sts.googleapis.com/v1/token",
    "https://sts-mine.p.googleapis.com/v1/token",
    "https://sts.mtls.googleapis.com/v1/token",
  ])("accepts the server %s", async (url) => {
    await using http = openHttpFixture();
    const { asked } = await serveGoogle(http);
    const file = write("adc.json", federation({ token_url: url }));
    await expect(open(http, { GOOGLE_APPLICATION_CREDENTIALS: file }).token()).rejects.toMatchObject({
      reason: "cloud-identity",
    });
    expect(asked[0]?.url).toContain(`CONNECT ${new URL(url).host}:443`);
  });
});

describe("the other identities of this process at Google", () => {
  test("the service account of the instance or pod, without a package or proxy", async () => {
    await using http = openHttpFixture();
    const { asked, host: metadata } = await serveGoogle(http);
    vi.stubEnv("NO_PROXY", undefined);
    const { host, token, member } = open(http, { GCE_METADATA_HOST: metadata });
    expect(await token()).toEqual({ token: "s3cret-fixture-access-1", lifeMs: 3_600_000 });
    expect(await member()).toBe("serviceAccount:app@p.iam.gserviceaccount.com");
    const base = "/computeMetadata/v1/instance/service-accounts/default";
    expect(asked.map(({ url }) => url)).toEqual([`${base}/token`, `${base}/email`]);
    expect(host.protected.map(({ value }) => value)).toContain("s3cret-fixture-access-1");
  });

  test("one of several service accounts", async () => {
    await using http = openHttpFixture();
    const { asked, host } = await serveGoogle(http);
    await open(http, { GCE_METADATA_HOST: host }, { method: "metadata", serviceAccount: "b@p" }).token();
    expect(asked[0]?.url).toBe("/computeMetadata/v1/instance/service-accounts/b%40p/token");
  });

  test("a service account with a key, with a warning in health", async () => {
    await using http = openHttpFixture();
    const { asked } = await serveGoogle(http);
    const { privateKey } = (await import("node:crypto")).generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const key = { client_email: "app@p.example", private_key: privateKey, private_key_id: "1" };
    const file = write("key.json", { type: "service_account", token_uri: "https://attacker.example/", ...key });
    const { host, token, member } = open(http, { GOOGLE_APPLICATION_CREDENTIALS: file });
    await expect(token()).rejects.toMatchObject({ reason: "cloud-identity" });
    expect(new Set(asked.map(({ url }) => url))).toEqual(new Set(["CONNECT oauth2.googleapis.com:443 HTTP/1.1"]));
    expect(host.warnings.map(({ code }) => code)).toContain("service-account-key");
    expect(host.protected.map(({ value }) => value)).toContain(privateKey);
    expect(await member()).toBe("serviceAccount:app@p.example");
  });

  test("a developer, only if the document allows it", async () => {
    await using http = openHttpFixture();
    const { asked } = await serveGoogle(http);
    const user = { client_id: "c", client_secret: "s3cret-fixture-client", refresh_token: "s3cret-fixture-refresh" };
    const file = write("application_default_credentials.json", { type: "authorized_user", ...user });
    const refused = { code: "INVALID_CONFIG", reason: "credentials-file", tip: expect.stringContaining("gcloud") };
    await expect(open(http, { GOOGLE_APPLICATION_CREDENTIALS: file }).token()).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
    const { host, token } = open(http, { CLOUDSDK_CONFIG: directory }, { method: "gcloud" });
    await expect(token()).rejects.toMatchObject({ reason: "cloud-identity" });
    expect(asked[0]?.url).toContain("CONNECT oauth2.googleapis.com:443");
    expect(host.protected.map(({ value }) => value)).toEqual(
      expect.arrayContaining(["s3cret-fixture-client", "s3cret-fixture-refresh"]),
    );
  });

  test.each([
    "s3cret-fixture",
    "null",
    "[]",
    '{"type":"gdch"}',
    '{"type":"external_account"}',
    '{"type":"service_account"}',
  ])("none, with the file %j", async (text) => {
    await using http = openHttpFixture();
    const file = write("adc.json", text);
    await expect(open(http, { GOOGLE_APPLICATION_CREDENTIALS: file }).token()).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      reason: "credentials-file",
      message: expect.not.stringContaining("s3cret-fixture"),
    });
  });
});
