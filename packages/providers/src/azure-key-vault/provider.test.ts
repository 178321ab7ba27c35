import { parseOptions } from "@tacit/core/conformance";
import type { Finding, Provider, ProviderResult, VersionSelector } from "@tacit/core/provider";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type KeyVaultDouble, vaultError } from "../../test/azure-key-vault/double.ts";
import { clientId, objectId, tenantId } from "../../test/azure-key-vault/entra.ts";
import { openFixture } from "../../test/azure-key-vault/fixture.ts";
import { contentOf, forever, read, rejection, type StoreFixture } from "../../test/store-fixture.ts";
import { azureKeyVault } from "./index.ts";

let fixture: StoreFixture<KeyVaultDouble>;
let double: KeyVaultDouble;
let provider: Provider;
beforeAll(async () => {
  fixture = await openFixture();
  double = fixture.double;
  provider = await fixture.open();
});
afterAll(async () => fixture[Symbol.asyncDispose]());
beforeEach(() => {
  double.remove("db");
  double.put("db", "s3cret-fixture-1");
  double.put("db", "s3cret-fixture-2");
  double.override = () => undefined;
  double.allows = () => true;
  double.challenge = undefined;
  double.isRevoked = false;
});

function get(path: string, version: VersionSelector = "current", from = provider): Promise<ProviderResult> {
  return from.get({ path, version }, forever);
}

describe("the login", () => {
  test("of a managed identity cannot meet claims that a vault demands anew, which is told apart from a refusal", async () => {
    const fresh = await fixture.open();
    await get("db", "current", fresh);
    double.isRevoked = true;
    const before = double.entra.asked.length;
    expect(await rejection(get("db", "current", fresh))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "claims-challenge",
      tip: expect.stringContaining("workload identity"),
    });
    // Another token is asked for all the same: the endpoint may have one.
    expect(double.entra.asked.length - before).toBe(1);
    double.isRevoked = false;
    expect(await get("db", "current", fresh)).toMatchObject({ status: "ok" });
  });

  test("is one token for 50 first reads at once", async () => {
    const fresh = await fixture.open();
    const before = [double.entra.asked.length, double.requests.length] as const;
    await Promise.all(Array.from({ length: 50 }, () => get("db", "current", fresh)));
    expect(double.entra.asked.length - before[0]).toBe(1);
    // The demand, the token, and the reads.
    expect(double.requests.length - before[1]).toBe(52);
    expect(fixture.host.protected.map(({ value }) => value)).toContain(double.entra.tokens.at(-1));
  });

  test("asks nobody for a token where the vault names another resource than its own", async () => {
    const fresh = await fixture.open();
    double.challenge =
      'Bearer authorization="https://login.microsoftonline.com/x", resource="https://management.azure.com"';
    const before = double.entra.asked.length;
    expect(await rejection(get("db", "current", fresh))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "challenge",
    });
    expect(double.entra.asked.length).toBe(before);
    expect(
      double.requests.every(
        ({ headers, path }) => path === "/secrets" || headers.authorization !== undefined || path === "/msi/token",
      ),
    ).toBe(true);
  });

  test("is none where the address needs none, which no vault is", async () => {
    const fresh = await fixture.open();
    double.override = () => ({ body: { value: [] } });
    expect(await rejection(get("db", "current", fresh))).toMatchObject({ reason: "malformed-answer" });
  });

  test("takes no answer that has a key twice: readers differ in what they take of it", async () => {
    await get("db");
    const body =
      '{"value":"s3cret-fixture-1","value":"s3cret-fixture-2","id":"https://v/secrets/db/1","attributes":{}}';
    double.override = ({ path }) => (path.startsWith("/secrets/db") ? { body } : undefined);
    expect(await rejection(get("db"))).toMatchObject({ code: "INVALID_VALUE", reason: "duplicate-key" });
    double.override = () => undefined;
  });

  test("takes a challenge beside a good answer for no refusal", async () => {
    double.override = ({ path }) =>
      path === "/secrets/db"
        ? {
            headers: { "www-authenticate": 'Bearer resource="https://evil.example"' },
            body: { value: "s3cret-fixture", id: `${double.url}/secrets/db/${"0".repeat(32)}`, attributes: {} },
          }
        : undefined;
    expect(await contentOf(get("db"))).toBe("s3cret-fixture");
  });
});

describe("versions", () => {
  test("are read by their ids, and the previous one is the newest that is enabled", async () => {
    double.pageSize = 1;
    const third = double.put("db", "s3cret-fixture-3");
    const fourth = double.put("db", "s3cret-fixture-4", { created: 1_900_000_000 });
    expect(await get("db")).toMatchObject({ version: fourth, createdAt: new Date(1_900_000_000_000) });
    expect(await contentOf(get("db", { id: third }))).toBe("s3cret-fixture-3");
    expect(await contentOf(get(`db/${third}`))).toBe("s3cret-fixture-3");
    double.change("db", { created: 1_800_000_000 }, third);
    expect(await contentOf(get("db", "previous"))).toBe("s3cret-fixture-3");
    double.change("db", { enabled: false }, third);
    expect((await contentOf(get("db", "previous"))).toString()).toMatch(/^s3cret-fixture-[12]$/);
    expect(await get("db", { id: "../keys/k" })).toEqual({ status: "not-found", definitive: true });
    expect(await rejection(get(`db/${third}`, "previous"))).toMatchObject({ code: "UNSUPPORTED", reason: "versions" });
  });

  test("on a next page of another host are not asked for", async () => {
    double.override = ({ path }) =>
      path.endsWith("/versions")
        ? { body: { value: [], nextLink: "https://evil.example/secrets/db/versions?x=1" } }
        : undefined;
    expect(await rejection(get("db", "previous"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });

  test("in a list without end are looked for in 20 pages", async () => {
    const endless = { value: [], nextLink: `${double.url}/secrets/db/versions?$skiptoken=1` };
    double.override = ({ path }) => (path.endsWith("/versions") ? { body: endless } : undefined);
    const before = double.requests.length;
    expect(await get("db", "previous")).toEqual({ status: "not-found", definitive: true });
    expect(double.requests.length - before).toBe(21);
  });

  test("that are disabled are told as such", async () => {
    double.change("db", { enabled: false });
    expect(await rejection(get("db"))).toMatchObject({ code: "PERMISSION_DENIED", reason: "version-disabled" });
  });

  test("are told by vault where they are missing", () => {
    expect(provider.place?.("db")).toBe('secret "db" of the vault "127"');
  });

  test("of a name in another case are those of one secret", async () => {
    expect(await contentOf(get("DB"))).toBe("s3cret-fixture-2");
    expect(azureKeyVault.toPath?.("Db/Primary.x_y", { prefix: "App" } as never)).toBe("app-db-primary-x-y");
  });
});

test("a value with half of a character is no text", async () => {
  double.put("half", "\ud800");
  expect(await rejection(get("half"))).toMatchObject({ code: "INVALID_VALUE", reason: "not-utf8" });
});

describe("the times of a secret", () => {
  const [past, future] = [1_600_000_000, 4_000_000_000];

  test("bind nobody unless the document says so", async () => {
    double.put("db", "s3cret-fixture-late", { exp: past, nbf: future });
    expect(await get("db")).not.toHaveProperty("expiresAt");
  });

  test("are kept with honorExpiry", async () => {
    const strict = await fixture.open({ honorExpiry: true });
    double.put("db", "s3cret-fixture-ends", { exp: future });
    expect(await get("db", "current", strict)).toMatchObject({ expiresAt: new Date(future * 1000) });
    double.put("db", "s3cret-fixture-later", { nbf: future });
    expect(await rejection(get("db", "current", strict))).toMatchObject({
      code: "INVALID_VALUE",
      reason: "not-yet-valid",
    });
    // What is no time is none; JSON has larger numbers than a Date.
    double.put("db", "s3cret-fixture-never", { nbf: 1e300, exp: 1e300 });
    expect(await get("db", "current", strict)).toMatchObject({ expiresAt: undefined });
    double.put("db", "s3cret-fixture-now", { nbf: past });
    expect(await get("db", "current", strict)).toMatchObject({ expiresAt: undefined });
  });
});

describe("a certificate", () => {
  test("is the bytes of its PFX, or its PEM as it is", async () => {
    const pfx = Uint8Array.from([0x30, 0x82, 0xff, 0x00]);
    double.put("tls", Buffer.from(pfx).toString("base64"), { contentType: "application/x-pkcs12" });
    expect(await get("tls")).toMatchObject({ payload: { kind: "value", bytes: pfx } });
    double.put("tls", "-----BEGIN PRIVATE KEY-----\n", { contentType: "application/x-pem-file" });
    expect(await contentOf(get("tls"))).toBe("-----BEGIN PRIVATE KEY-----\n");
    double.put("tls", "s3cret-fixture!", { contentType: "application/x-pkcs12" });
    expect(await rejection(get("tls"))).toMatchObject({ code: "INVALID_VALUE", reason: "not-base64" });
  });
});

describe("a refusal", () => {
  test.each([
    [vaultError(403, "Forbidden", "constructor"), "PERMISSION_DENIED", "iam-permission", "Key Vault Secrets User"],
    [vaultError(403, "Forbidden", "ForbiddenByRbac"), "PERMISSION_DENIED", "iam-permission", "Key Vault Secrets User"],
    [
      vaultError(403, "Forbidden", "ForbiddenByPolicy"),
      "PERMISSION_DENIED",
      "iam-permission",
      "az keyvault set-policy",
    ],
    [vaultError(403, "Forbidden", "ForbiddenByFirewall"), "PERMISSION_DENIED", "firewall", "subnet"],
    [vaultError(403, "Forbidden", "ForbiddenByConnection"), "PERMISSION_DENIED", "firewall", "private endpoint"],
    [vaultError(403, "Forbidden", "SomethingNew"), "PERMISSION_DENIED", "iam-permission", "diagnose"],
    [vaultError(400, "BadParameter"), "INTERNAL", "bad-request", "`url`"],
    [vaultError(401, "Unauthorized"), "UNAUTHENTICATED", "login-refused", "tenant"],
    [vaultError(404, "VaultNotFound"), "INTERNAL", "unexpected-status", ""],
    [vaultError(429, "Throttled"), "THROTTLED", undefined, ""],
    [vaultError(500, "InternalServerError"), "UNAVAILABLE", "server-error", ""],
  ])("%j is %s, %s", async (answer, code, reason, tip) => {
    double.override = ({ path }) => (path === "/secrets/db" ? answer : undefined);
    const error = (await rejection(get("db"))) as Error & { readonly tip?: string };
    expect(error).toMatchObject({ code, ...(reason !== undefined && { reason }) });
    expect(error.tip ?? "").toContain(tip);
    expect(`${error.message} ${error.tip} ${error.stack} ${String(error.cause)}`).not.toContain("s3cret");
  });

  test("of a name is told before anything is asked", async () => {
    const before = double.requests.length;
    for (const path of ["a.b", "a_b", "db/1", "db/versions", "a/b/c", "x".repeat(128)])
      expect(await rejection(get(path))).toMatchObject({ code: "INVALID_NAME", reason: "path" });
    expect(double.requests.length).toBe(before);
  });

  test("of a host that cannot be resolved names a vault that was deleted", async () => {
    const gone = await fixture.open({ url: "https://orders.vault.azure.invalid" });
    expect(await rejection(get("db", "current", gone))).toMatchObject({
      code: "UNAVAILABLE",
      reason: "dns",
      tip: expect.stringContaining("az keyvault recover"),
    });
  });

  test.each([{ url: "http://orders.vault.azure.net" }, { url: "https://user:s3cret-fixture@orders.vault.azure.net" }])(
    "of the address %j",
    async (options) => {
      await expect(fixture.open(options)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
    },
  );

  test.each([
    {},
    {
      url: "https://v.vault.azure.net",
      auth: { method: "client-secret", tenantId: "t", clientId: "c", secret: "s3cret-fixture" },
    },
    {
      url: "https://v.vault.azure.net",
      auth: { method: "client-secret", tenantId: "t/../x", clientId: "c", secret: { $env: "X" } },
    },
    { url: "https://v.vault.azure.net", prefix: "ä" },
  ])("of the options %j", async (options) => {
    await expect(parseOptions(azureKeyVault as never, options)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });
});

describe("diagnose", () => {
  const found = async (subject: Provider): Promise<readonly Finding[]> =>
    ((await subject.diagnose?.(forever)) ?? []).filter(
      ({ code }) => !/^(clock-skew|service-account-token)$/.test(code),
    );
  const command = (name: string): string =>
    `az role assignment create --role "Key Vault Secrets User" --assignee-object-id ${objectId} --assignee-principal-type ServicePrincipal --scope "$(az keyvault show --name 127 --query id --output tsv)/secrets/${name}"`;

  test("tells of a name that the store cannot hold, and all the rest beside it", async () => {
    const subject = await fixture.open();
    await rejection(read(subject, "a.b"));
    await read(subject, "db");
    const findings = await found(subject);
    expect(findings).toContainEqual(expect.objectContaining({ level: "error", code: "name-invalid" }));
    expect(findings.find(({ code }) => code === "least-privilege")?.tip).toBe(command("db"));
  });

  test("tells who this process is, and the commands that grant what was asked for and no more", async () => {
    const subject = await fixture.open();
    double.put("api", "s3cret-fixture");
    double.allows = (name) => name === "db";
    await read(subject, "db");
    await rejection(read(subject, "api"));
    const findings = await found(subject);
    expect(findings).toEqual([
      {
        level: "info",
        code: "identity",
        message: `this process is the application ${clientId}, object ${objectId}, of the tenant ${tenantId}`,
      },
      {
        level: "info",
        code: "least-privilege",
        message: expect.any(String),
        tip: `${command("db")}\n${command("api")}`,
      },
      {
        level: "error",
        code: "policy-missing",
        message: expect.stringContaining('"api"'),
        tip: `Grant it: ${command("api")}`,
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain("s3cret");
  });

  test("tells of a wrong tenant, of ends, and of what was deleted", async () => {
    const subject = await fixture.open();
    double.entra.tenant = "another-tenant";
    double.put("old", "s3cret-fixture", { exp: 1_600_000_000 });
    double.put("soon", "s3cret-fixture", { exp: Math.floor(fixture.clock.now() / 1000) + 86_400 });
    for (const name of ["old", "soon", "db"]) await read(subject, name);
    double.remove("db");
    const findings = await found(subject);
    double.entra.tenant = tenantId;
    expect(findings.map(({ code, level }) => `${level} ${code}`)).toEqual([
      "info identity",
      "error tenant",
      "error secret-expired",
      "warning secret-ends",
      "error secret-deleted",
      "info least-privilege",
      "warning secret-missing",
    ]);
    expect(findings.find(({ code }) => code === "secret-deleted")?.tip).toBe(
      "az keyvault secret recover --vault-name 127 --name db",
    );
  });
});
