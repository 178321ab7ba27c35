import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type LoginFixture, openLoginFixture } from "../../../../test/vault/login-fixture.ts";
import { createGcpLogin } from "./gcp.ts";

const account = "app@fixture.iam.gserviceaccount.com";
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tacit-gcp-"));
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", undefined);
  vi.stubEnv("CLOUDSDK_CONFIG", directory);
  vi.stubEnv("HOME", directory);
  vi.stubEnv("NO_PROXY", "127.0.0.1");
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const expiry = ({ http }: LoginFixture): number => Math.floor(http.clock.now() / 1000) + 3600;

/** Starts a metadata server, which returns identities and access tokens for requests with its header. */
async function serveMetadata(fixture: LoginFixture, answers: (response: ServerResponse) => boolean = () => false) {
  const asked: URL[] = [];
  const server = await fixture.http.serve((message: IncomingMessage, response) => {
    const url = new URL(message.url ?? "", "http://metadata");
    asked.push(url);
    if (answers(response)) return;
    if (message.headers["metadata-flavor"] !== "Google") return void response.writeHead(403).end("Forbidden");
    response.setHeader("metadata-flavor", "Google");
    const aud = url.searchParams.get("audience");
    if (url.pathname.endsWith("/identity"))
      response.end(fixture.vault.issuer.issue({ aud, sub: "1", exp: expiry(fixture) }));
    else if (!url.pathname.endsWith("/token")) response.end("ok");
    else
      response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify({ access_token: "s3cret-fixture-access", expires_in: 3600, token_type: "Bearer" }));
  });
  return { asked, host: server.url.replace("http://", "") };
}

describe("a login with an instance of Google", () => {
  test("sends the identity that the metadata server signs for the role", async () => {
    await using fixture = await openLoginFixture();
    const { asked, host } = await serveMetadata(fixture);
    const login = fixture.create({ method: "gcp", type: "gce", role: "app" }, { GCE_METADATA_HOST: host });
    await fixture.run(login);
    expect(asked[0]?.pathname).toBe("/computeMetadata/v1/instance/service-accounts/default/identity");
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({ audience: "http://vault/app", format: "full" });
    const { jwt } = fixture.vault.requests[0]?.body ?? {};
    expect(fixture.host.protected.map(({ value }) => value)).toContain(jwt);
  });

  test("never asks through a proxy", async () => {
    await using fixture = await openLoginFixture();
    const { host } = await serveMetadata(fixture);
    vi.stubEnv("NO_PROXY", undefined);
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY"]) vi.stubEnv(name, "http://127.0.0.1:9");
    await fixture.run(fixture.create({ method: "gcp", type: "gce", role: "app" }, { GCE_METADATA_HOST: host }));
  });

  test.each([
    ["another server under that name", 200, {}, "<html>s3cret-fixture</html>", "UNAUTHENTICATED"],
    ["a page in place of a JWT", 200, { "metadata-flavor": "Google" }, "s3cret-fixture", "UNAUTHENTICATED"],
    ["an instance without an account", 404, { "metadata-flavor": "Google" }, "", "UNAVAILABLE"],
    ["too many questions", 429, { "retry-after": "7" }, "", "THROTTLED"],
    ["a refusal", 403, {}, "s3cret-fixture", "UNAUTHENTICATED"],
    ["an outage", 503, {}, "", "UNAVAILABLE"],
  ])("fails for %s", async (_, status, headers, body, code) => {
    await using fixture = await openLoginFixture();
    const { host } = await serveMetadata(fixture, (response) => {
      response.writeHead(status, headers).end(body);
      return true;
    });
    const login = fixture.create({ method: "gcp", type: "gce", role: "app" }, { GCE_METADATA_HOST: host });
    await expect(fixture.run(login)).rejects.toMatchObject({ code, reason: "cloud-identity" });
    expect(fixture.vault.requests).toEqual([]);
  });
});

describe("a login with a service account of Google", () => {
  test("is signed with a key file, which is read at each login and never sent", async () => {
    await using fixture = await openLoginFixture();
    const { issuer, requests } = fixture.vault;
    const file = { client_email: account, private_key: issuer.privateKey, private_key_id: issuer.keyId };
    fixture.credentials.set("key", JSON.stringify({ type: "service_account", ...file }));
    const login = fixture.create({ method: "gcp", type: "iam", role: "app", key: { $secret: "key" } });
    await fixture.run(login);
    const claims = issuer.verify(requests[0]?.body.jwt, fixture.http.clock.now());
    const now = Math.floor(fixture.http.clock.now() / 1000);
    expect(claims).toEqual({ sub: account, aud: "vault/app", iat: now, exp: now + 300 });
    expect(fixture.host.protected.map(({ value }) => value)).toContain(issuer.privateKey);
    fixture.credentials.set("key", "{}");
    await expect(fixture.run(login)).rejects.toMatchObject({ reason: "credential-malformed" });
  });

  test("is signed with the time of Vault if its first refusal shows a different clock", async () => {
    await using fixture = await openLoginFixture();
    const { issuer, requests } = fixture.vault;
    const file = { client_email: account, private_key: issuer.privateKey, private_key_id: issuer.keyId };
    fixture.credentials.set("key", JSON.stringify({ type: "service_account", ...file }));
    const vaultNow = (): number => fixture.http.clock.now() + 3_600_000;
    fixture.vault.now = vaultNow;
    await fixture.run(fixture.create({ method: "gcp", type: "iam", role: "app", key: { $secret: "key" } }));
    const { iat } = issuer.verify(requests[1]?.body.jwt, vaultNow()) ?? {};
    expect(Math.abs(Number(iat) * 1000 - vaultNow())).toBeLessThan(2000);
  });

  test.each([
    "s3cret-fixture",
    "null",
    "[]",
    '{"client_email":"a@b","private_key":"s3cret-fixture","private_key_id":"x"}',
  ])("refuses the key %j without quoting it", async (text) => {
    await using fixture = await openLoginFixture();
    fixture.credentials.set("key", text);
    const login = fixture.create({ method: "gcp", type: "iam", role: "app", key: { $secret: "key" } });
    await expect(fixture.run(login)).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "credential-malformed",
      message: expect.not.stringContaining("s3cret-fixture"),
    });
  });

  test("is signed by Google, called with the identity of this process", async () => {
    await using fixture = await openLoginFixture();
    const { issuer, requests } = fixture.vault;
    const { host } = await serveMetadata(fixture);
    let status = 200;
    const signer = await fixture.http.serve(async (message, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of message) chunks.push(chunk as Buffer);
      const isAllowed =
        message.url === `/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:signJwt` &&
        message.headers.authorization === "Bearer s3cret-fixture-access";
      const { payload } = JSON.parse(Buffer.concat(chunks).toString()) as { payload: string };
      const signedJwt = issuer.issue(JSON.parse(payload) as object as Record<string, unknown>);
      response.writeHead(isAllowed ? status : 403, { "content-type": "application/json" });
      response.end(JSON.stringify({ keyId: issuer.keyId, signedJwt }));
    });
    const options = { method: "gcp", type: "iam", mount: "gcp", role: "app", serviceAccount: account } as const;
    const login = createGcpLogin(options, { GCE_METADATA_HOST: host, CLOUDSDK_CONFIG: directory }, signer.url);
    await fixture.run(login);
    expect(issuer.verify(requests[0]?.body.jwt, fixture.http.clock.now())).toMatchObject({ sub: account });
    status = 403;
    const refused = { code: "UNAUTHENTICATED", reason: "cloud-identity", tip: expect.stringContaining("signJwt") };
    await expect(fixture.run(login)).rejects.toMatchObject(refused);
    status = 503;
    await expect(fixture.run(login)).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "cloud-identity" });
  });

  test.each([{}, { serviceAccount: account, key: { $secret: "key" } }, { serviceAccount: "default" }])(
    "requires an account or a key, not %j",
    async (options) => {
      await using fixture = await openLoginFixture();
      expect(() => fixture.create({ method: "gcp", type: "iam", role: "app", ...options })).toThrow();
    },
  );
});
