import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { makeCertificate } from "../../../../test/http-fixture.ts";
import { type LoginFixture, openLoginFixture } from "../../../../test/vault/login-fixture.ts";

const resource = "https://management.azure.com/";

afterEach(() => void vi.unstubAllEnvs());

function issue({ vault, http }: LoginFixture, aud: unknown): string {
  return vault.issuer.issue({ aud, exp: Math.floor(http.clock.now() / 1000) + 3600 });
}

/** Starts an instance metadata service that describes a virtual machine. */
async function serveMetadata(fixture: LoginFixture, { vmScaleSetName = "", status = 200 } = {}) {
  const asked: URL[] = [];
  const server = await fixture.http.serve((message, response) => {
    const url = new URL(message.url ?? "", "http://imds");
    asked.push(url);
    const compute = { subscriptionId: "sub-1", resourceGroupName: "group-1", name: "vm-1", vmScaleSetName };
    const token = { access_token: issue(fixture, url.searchParams.get("resource")), expires_in: "3599" };
    const isAllowed = message.headers.metadata === "true";
    response.writeHead(isAllowed ? status : 400, { "content-type": "application/json" });
    response.end(JSON.stringify(url.pathname.endsWith("/oauth2/token") ? token : compute));
  });
  return { asked, environment: { AZURE_POD_IDENTITY_AUTHORITY_HOST: server.url } };
}

describe("a login with a managed identity of Azure", () => {
  test("sends the token and the description of the machine", async () => {
    await using fixture = await openLoginFixture();
    const { asked, environment } = await serveMetadata(fixture);
    await fixture.run(fixture.create({ method: "azure", role: "app" }, environment));
    const { jwt, ...rest } = fixture.vault.requests[0]?.body ?? {};
    expect(rest).toEqual({ role: "app", subscription_id: "sub-1", resource_group_name: "group-1", vm_name: "vm-1" });
    expect(fixture.host.protected.map(({ value }) => value)).toContain(jwt);
    const query = Object.fromEntries(asked[0]?.searchParams ?? []);
    expect(query).toEqual({ "api-version": "2018-02-01", resource });
  });

  test("sends the scale set instead of its instance", async () => {
    await using fixture = await openLoginFixture();
    const { environment } = await serveMetadata(fixture, { vmScaleSetName: "set-1" });
    await fixture.run(fixture.create({ method: "azure", role: "app" }, environment));
    expect(fixture.vault.requests[0]?.body).toMatchObject({ vmss_name: "set-1" });
    expect(fixture.vault.requests[0]?.body).not.toHaveProperty("vm_name");
  });

  test("requests the configured one of several identities, and sends the configured machine", async () => {
    await using fixture = await openLoginFixture();
    const { asked, environment } = await serveMetadata(fixture);
    const machine = { subscriptionId: "sub-2", resourceId: "/subscriptions/sub-2/x" };
    const options = { method: "azure", role: "app", clientId: "client-1", machine };
    await fixture.run(fixture.create(options, environment));
    expect(asked).toHaveLength(1);
    expect(asked[0]?.searchParams.get("client_id")).toBe("client-1");
    const { jwt: _, ...rest } = fixture.vault.requests[0]?.body ?? {};
    expect(rest).toEqual({ role: "app", subscription_id: "sub-2", resource_id: "/subscriptions/sub-2/x" });
  });

  test("in App Service uses the endpoint of the platform, which describes no machine", async () => {
    await using fixture = await openLoginFixture();
    const asked: URL[] = [];
    const server = await fixture.http.serve((message, response) => {
      const url = new URL(message.url ?? "", "http://endpoint");
      asked.push(url);
      const isAllowed = message.headers["x-identity-header"] === "s3cret-fixture-header";
      const token = { access_token: issue(fixture, url.searchParams.get("resource")), expires_on: "0" };
      response.writeHead(isAllowed ? 200 : 400, { "content-type": "application/json" }).end(JSON.stringify(token));
    });
    const environment = { IDENTITY_ENDPOINT: `${server.url}/MSI/token`, IDENTITY_HEADER: "s3cret-fixture-header" };
    await fixture.run(fixture.create({ method: "azure", role: "app", clientId: "client-1" }, environment));
    expect(asked.map(({ pathname }) => pathname)).toEqual(["/MSI/token"]);
    const query = { "api-version": "2019-08-01", resource, client_id: "client-1" };
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual(query);
    expect(Object.keys(fixture.vault.requests[0]?.body ?? {})).toEqual(["role", "jwt"]);
    expect(fixture.host.protected.map(({ value }) => value)).toContain("s3cret-fixture-header");
  });

  test.each([
    [400, "UNAUTHENTICATED"],
    [404, "UNAVAILABLE"],
    [410, "UNAVAILABLE"],
    [429, "THROTTLED"],
    [500, "UNAVAILABLE"],
  ])("fails as without an identity if the response is %i", async (status, code) => {
    await using fixture = await openLoginFixture();
    const { environment } = await serveMetadata(fixture, { status });
    const login = fixture.create({ method: "azure", role: "app" }, environment);
    await expect(fixture.run(login)).rejects.toMatchObject({ code, reason: "cloud-identity" });
    expect(fixture.vault.requests).toEqual([]);
  });
});

describe("a login with a workload identity of Azure", () => {
  test("exchanges the pod's token for one of Azure", async () => {
    await using fixture = await openLoginFixture();
    const directory = await mkdtemp(join(tmpdir(), "tacit-azure-"));
    const certificate = await makeCertificate();
    const assertions: (string | null)[] = [];
    const authority = await fixture.http.serveSecurely(certificate, async (message, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of message) chunks.push(chunk as Buffer);
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      if (message.method === "POST") assertions.push(form.get("client_assertion"));
      const aud = form.get("scope")?.replace(/\/\.default.*$/, "");
      const token = { token_type: "Bearer", expires_in: 3599, access_token: issue(fixture, aud) };
      const base = `${authority.url}/adfs`;
      const endpoints = {
        issuer: base,
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: `${base}/token`,
        jwks_uri: `${base}/keys`,
      };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(message.method === "POST" ? token : endpoints));
    });
    writeFileSync(join(directory, "token"), "s3cret-fixture-assertion");
    // The authority is a custom identity provider; for Azure's own, the SDK would query the internet.
    vi.stubEnv("AZURE_TENANT_ID", "adfs");
    vi.stubEnv("AZURE_CLIENT_ID", "client-1");
    vi.stubEnv("AZURE_AUTHORITY_HOST", authority.url);
    vi.stubEnv("AZURE_FEDERATED_TOKEN_FILE", join(directory, "token"));
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    await fixture.run(fixture.create({ method: "azure", role: "app", identity: "workload" }));
    expect(assertions).toEqual(["s3cret-fixture-assertion"]);
    expect(Object.keys(fixture.vault.requests[0]?.body ?? {})).toEqual(["role", "jwt"]);
    await rm(directory, { recursive: true });
  });

  test("is UNAUTHENTICATED if the pod has none", async () => {
    await using fixture = await openLoginFixture();
    for (const name of ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"])
      vi.stubEnv(name, undefined);
    const login = fixture.create({ method: "azure", role: "app", identity: "workload" });
    const nobody = {
      code: "UNAUTHENTICATED",
      reason: "cloud-identity",
      tip: expect.stringContaining("azure.workload"),
    };
    await expect(fixture.run(login)).rejects.toMatchObject(nobody);
  });
});
