import { parseOptions } from "@tacit/core/conformance";
import type { Finding, Provider, ProviderResult, VersionSelector } from "@tacit/core/provider";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { accountId, type KmsDouble, kmsError } from "../../test/alibaba-kms/double.ts";
import { type KmsFixture, openFixture } from "../../test/alibaba-kms/fixture.ts";
import { isRead } from "../../test/alibaba-kms/harness.ts";
import { contentOf, forever, read, rejection } from "../../test/store-fixture.ts";
import { alibabaKms } from "./index.ts";
import { openAlibabaKmsProvider } from "./provider.ts";

let fixture: KmsFixture;
let double: KmsDouble;
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
});

function get(path: string, version: VersionSelector = "current", from = provider): Promise<ProviderResult> {
  return from.get({ path, version }, forever);
}

describe("versions", () => {
  test("are those of the stages, or of an id", async () => {
    const third = double.put("db", "s3cret-fixture-3");
    expect(await get("db")).toMatchObject({ version: third, createdAt: new Date("2026-01-01T00:00:00Z") });
    expect(await contentOf(get("db", "previous"))).toBe("s3cret-fixture-2");
    expect(await contentOf(get("db", { id: third }))).toBe("s3cret-fixture-3");
    expect(await get("db", { id: "no-such" })).toEqual({ status: "not-found", definitive: true });
  });

  test("of a secret that another service manages are never the current one in disguise", async () => {
    double.put("rds", "s3cret-fixture-1", { isManaged: true });
    const second = double.put("rds", "s3cret-fixture-2");
    expect(await get("rds")).toMatchObject({ version: second });
    expect(await rejection(get("rds", "previous"))).toMatchObject({ code: "UNSUPPORTED", reason: "versions" });
    expect(await rejection(get("rds", { id: "v-0" }))).toMatchObject({ code: "UNSUPPORTED", reason: "versions" });
    expect(await contentOf(get("rds", { id: second }))).toBe("s3cret-fixture-2");
  });

  test("that are rotated by KMS are read again when the next one is due", async () => {
    const next = new Date(fixture.clock.now() + 86_400_000);
    double.put("db", "s3cret-fixture", { NextRotationDate: next.toISOString() });
    expect(await get("db")).toMatchObject({ refreshAt: next });
    expect(await get("db", "previous")).not.toHaveProperty("refreshAt");
    double.put("db", "s3cret-fixture", { NextRotationDate: "2020-01-01T00:00:00Z" });
    expect(await get("db")).not.toHaveProperty("refreshAt");
  });

  test("with half of a character are no text", async () => {
    double.put("key", "\ud800");
    expect(await rejection(get("key"))).toMatchObject({ code: "INVALID_VALUE", reason: "not-utf8" });
  });

  test("may be binary", async () => {
    double.put("key", Uint8Array.from([0, 255, 128]));
    expect(await get("key")).toMatchObject({ payload: { kind: "value", bytes: Uint8Array.from([0, 255, 128]) } });
  });
});

describe("a login", () => {
  const reads = (): number => double.count(isRead);

  test("is one for 20 first reads at once, by the token of the pod, which is read anew", async () => {
    const fresh = await fixture.open();
    const lent = double.count(({ query }) => query.Action === "AssumeRoleWithOIDC");
    await Promise.all(Array.from({ length: 20 }, () => get("db", "current", fresh)));
    expect(double.count(({ query }) => query.Action === "AssumeRoleWithOIDC") - lent).toBe(1);
    double.oidcToken = "s3cret-fixture-oidc-renewed";
    fixture.file("oidc", double.oidcToken);
    double.expireLogins();
    expect(await contentOf(get("db", "current", fresh))).toBe("s3cret-fixture-2");
    expect(fixture.host.protected.map(({ value }) => value)).toEqual(expect.arrayContaining([...double.tokens]));
  });

  test("that failed once succeeds when it can: nothing of the failure is kept", async () => {
    const fresh = await fixture.open();
    const file = fixture.file("oidc", "s3cret-fixture-of-another-pod");
    expect(await rejection(get("db", "current", fresh))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "cloud-identity",
    });
    fixture.file("oidc", double.oidcToken);
    expect(file).toContain("oidc");
    expect(await contentOf(get("db", "current", fresh))).toBe("s3cret-fixture-2");
  });

  test("with the role of an instance, in the session that its metadata server gives", async () => {
    const instance = await fixture.open({ auth: { method: "ecs" } });
    expect(await contentOf(get("db", "current", instance))).toBe("s3cret-fixture-2");
    const other = await fixture.open({ auth: { method: "ecs", role: "another" } });
    expect(await rejection(get("db", "current", other))).toMatchObject({
      code: "UNAVAILABLE",
      reason: "cloud-identity",
    });
  });

  test("with keys, of the options or of the variables", async () => {
    double.issue("LTAI-fixture", "s3cret-fixture-key");
    double.issue("STS-fixture", "s3cret-fixture-lent", "s3cret-fixture-token");
    vi.stubEnv("KEY_ID", "LTAI-fixture").stubEnv("KEY_SECRET", "s3cret-fixture-key");
    const auth = { method: "keys", accessKeyId: { $env: "KEY_ID" }, accessKeySecret: { $env: "KEY_SECRET" } };
    expect(await contentOf(get("db", "current", await fixture.open({ auth })))).toBe("s3cret-fixture-2");
    const variables = {
      ALIBABA_CLOUD_ACCESS_KEY_ID: "STS-fixture",
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cret-fixture-lent",
      ALIBABA_CLOUD_SECURITY_TOKEN: "s3cret-fixture-token",
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const options = await parseOptions(fixture.adapter, fixture.options);
    const byVariables = openAlibabaKmsProvider(options as never, fixture.host, variables);
    expect(await contentOf(get("db", "current", byVariables))).toBe("s3cret-fixture-2");
    await byVariables.close?.();
    vi.unstubAllEnvs();
  });

  test("signs by the clock of KMS where that of this machine is wrong, and asks twice at most", async () => {
    const fresh = await fixture.open();
    const before = reads();
    double.now = () => fixture.clock.now() + 3_600_000;
    expect(await contentOf(get("db", "current", fresh))).toBe("s3cret-fixture-2");
    expect(reads() - before).toBe(2);
    expect(await contentOf(get("db", "current", fresh))).toBe("s3cret-fixture-2");
    expect(reads() - before).toBe(3);
    double.now = () => fixture.clock.now();
    double.override = (request) => (isRead(request) ? kmsError(400, "IllegalTimestamp") : undefined);
    expect(await rejection(get("db", "current", fresh))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "clock-skew",
    });
  });

  test.each([
    [400, { Code: "AuthenticationFail.OIDCToken.Expired" }, "UNAUTHENTICATED"],
    [400, { Code: "Throttling.User" }, "THROTTLED"],
    [503, { Code: "ServiceUnavailable" }, "UNAVAILABLE"],
    [200, { Credentials: { AccessKeyId: "x" } }, "UNAUTHENTICATED"],
  ])("that STS answers with %i %j is %s", async (status, body, code) => {
    const fresh = await fixture.open();
    double.override = ({ query }) => (query.Action === "AssumeRoleWithOIDC" ? { status, body } : undefined);
    expect(await rejection(get("db", "current", fresh))).toMatchObject({ code, reason: "cloud-identity" });
  });
});

describe("a refusal", () => {
  test.each([
    [kmsError(403, "Forbidden.NoPermission"), "PERMISSION_DENIED", "iam-permission", "kms:GetSecretValue"],
    [kmsError(403, "NoPermission"), "PERMISSION_DENIED", "iam-permission", "kms:Decrypt"],
    [kmsError(403, "Forbidden.InDebt"), "UNAVAILABLE", "account-suspended", "bills"],
    [kmsError(409, "Rejected.Disabled"), "UNAVAILABLE", "version-unusable", "key"],
    [kmsError(400, "InvalidParameter"), "INTERNAL", "bad-request", "`region`"],
    [kmsError(400, "Throttling.User"), "THROTTLED", "throttled", "450"],
    [kmsError(429, "Rejected.Throttling"), "THROTTLED", "throttled", "`pollInterval`"],
    [kmsError(400, "SignatureDoesNotMatch"), "UNAUTHENTICATED", "login-refused", "AccessKey"],
    [kmsError(403, "Forbidden.AccessKey"), "UNAUTHENTICATED", "login-refused", "disabled"],
    [kmsError(500, "InternalFailure"), "UNAVAILABLE", "server-error", ""],
    [kmsError(404, "InvalidApi.NotFound"), "INTERNAL", "bad-request", ""],
  ])("%j is %s, %s", async (answer, code, reason, tip) => {
    double.override = (request) => (isRead(request) ? answer : undefined);
    const error = (await rejection(get("db"))) as Error & { readonly tip?: string };
    expect(error).toMatchObject({ code, reason });
    expect(error.tip ?? "").toContain(tip);
    expect(`${error.message} ${error.tip} ${error.stack} ${String(error.cause)}`).not.toContain("s3cret");
  });

  test("of a secret that is scheduled for deletion is that there is none", async () => {
    double.override = (request) => (isRead(request) ? kmsError(409, "Rejected.PendingDeletion") : undefined);
    expect(await get("db")).toEqual({ status: "not-found", definitive: true });
  });

  test("of a name is told before anything is asked", async () => {
    const before = double.requests.length;
    for (const path of ["a b", "a//b", "/a", "a/..", "acs:kms:r:1:secret/db", "x".repeat(193)])
      expect(await rejection(get(path))).toMatchObject({ code: "INVALID_NAME", reason: "path" });
    expect(double.requests.length).toBe(before);
  });

  test("of an answer about another secret: it is none of this store", async () => {
    double.override = (request) =>
      isRead(request) ? { body: { SecretName: "other", VersionId: "v", SecretData: "x" } } : undefined;
    expect(await rejection(get("db"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });

  test("of an answer that has a key twice: readers differ in what they take of it", async () => {
    const body = '{"SecretName":"db","VersionId":"v","SecretData":"s3cret-fixture-1","SecretData":"s3cret-fixture-2"}';
    double.override = (request) => (isRead(request) ? { body } : undefined);
    expect(await rejection(get("db"))).toMatchObject({ code: "INVALID_VALUE", reason: "duplicate-key" });
  });
});

describe("the gateway", () => {
  test.each([
    [{ region: "eu-central-1" }, "kms.eu-central-1.aliyuncs.com"],
    [{ instance: "kst-hzz65f176a0ogplgq" }, "kst-hzz65f176a0ogplgq.cryptoservice.kms.aliyuncs.com"],
  ])("for %j is %s", async (options, host) => {
    // Nothing is resolved: the proxy is this machine's, and closed.
    const parsed = await parseOptions(alibabaKms as never, { ...options, proxy: "http://127.0.0.1:1" });
    const servers = { sts: double.url, metadata: double.url.replace("http://", "") };
    const remote = openAlibabaKmsProvider(parsed as never, fixture.host, {}, servers);
    expect(await rejection(read(remote, "db"))).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining(`POST ${host}/`),
    });
    await remote.close?.();
  });

  test("is told where a secret is missing", () => {
    expect(provider.place?.("db")).toBe('secret "db" of KMS in eu-central-1');
  });

  test("must be said", async () => {
    const parsed = await parseOptions(alibabaKms as never, {});
    expect(() => openAlibabaKmsProvider(parsed as never, fixture.host, {})).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", reason: "region" }),
    );
    openAlibabaKmsProvider(parsed as never, fixture.host, { ALIBABA_CLOUD_REGION_ID: "eu-central-1" });
  });

  test.each([
    { region: "evil.example/" },
    { instance: "x.evil.example" },
    { region: "r", auth: { method: "keys", accessKeyId: "LTAI", accessKeySecret: "s3cret-fixture" } },
    { region: "r", auth: { method: "rrsa", roleArn: "role" } },
  ])("cannot be %j", async (options) => {
    await expect(parseOptions(alibabaKms as never, options)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });
});

test("diagnose tells who this process is, and the policy for what was asked for and no more", async () => {
  const subject = await fixture.open();
  double.put("prod/api", "s3cret-fixture");
  double.allows = (name) => name !== "prod/api";
  await read(subject, "db");
  await rejection(read(subject, "prod/api"));
  const findings: readonly Finding[] = (await subject.diagnose?.(forever)) ?? [];
  const policy = (...names: readonly string[]): string =>
    JSON.stringify({
      Version: "1",
      Statement: [
        {
          Effect: "Allow",
          Action: ["kms:GetSecretValue"],
          Resource: names.map((name) => `acs:kms:eu-central-1:${accountId}:secret/${name}`),
        },
      ],
    });
  expect(findings.filter(({ code }) => code !== "service-account-token")).toEqual([
    { level: "info", code: "identity", message: `this process is acs:ram::${accountId}:assumed-role/orders/tacit` },
    { level: "info", code: "least-privilege", message: expect.any(String), tip: policy("db", "prod/api") },
    {
      level: "error",
      code: "policy-missing",
      message: expect.stringContaining('"prod/api"'),
      tip: `Grant it: ${policy("prod/api")}`,
    },
  ]);
  expect(JSON.stringify(findings)).not.toContain("s3cret");
});

test("diagnose tells of a name that the store cannot hold, and all the rest beside it", async () => {
  const subject = await fixture.open();
  await rejection(read(subject, "a b"));
  await read(subject, "db");
  const findings: readonly Finding[] = (await subject.diagnose?.(forever)) ?? [];
  expect(findings).toContainEqual(expect.objectContaining({ level: "error", code: "name-invalid" }));
  expect(findings.find(({ code }) => code === "least-privilege")?.tip).not.toContain("a b");
});
