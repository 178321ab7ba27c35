import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { awsError } from "../../../test/aws-double.ts";
import { forever, read, textOf } from "../../../test/aws-fixture.ts";
import { openParameterStoreFixture } from "../../../test/aws-parameter-store/harness.ts";
import { openSecretsManagerFixture } from "../../../test/aws-secrets-manager/harness.ts";
import { rejection } from "../../../test/http-fixture.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tacit-aws-"));
  for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_"))) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(directory, "credentials"));
  vi.stubEnv("AWS_CONFIG_FILE", join(directory, "config"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const minute = 60_000;

describe("a wrong clock", () => {
  test.each([20 * minute, -20 * minute])(
    "by %i ms is learned from the answer, and the request sent once more",
    async (skewMs) => {
      await using fixture = await openSecretsManagerFixture();
      const { double, store, clock, host } = fixture;
      store.put("db", "value");
      double.now = () => clock.now() + skewMs;
      const provider = await fixture.open();
      expect(await textOf(read(provider, "db"))).toBe("value");
      expect(double.requests).toHaveLength(2);
      expect(await textOf(read(provider, "db"))).toBe("value");
      expect(double.requests).toHaveLength(3);
      expect(host.warnings).toMatchObject([{ code: "clock-skew" }]);
    },
  );

  test("is measured again after it was corrected", async () => {
    await using fixture = await openSecretsManagerFixture();
    fixture.store.put("db", "value");
    fixture.double.now = () => fixture.clock.now() + 20 * minute;
    const provider = await fixture.open();
    await read(provider, "db");
    fixture.double.now = () => fixture.clock.now();
    expect(await textOf(read(provider, "db"))).toBe("value");
    expect(fixture.double.requests).toHaveLength(4);
  });

  test("does not make keys expire before they do at AWS", async () => {
    await using fixture = await openSecretsManagerFixture();
    const { double, store, clock } = fixture;
    store.put("db", "value");
    // The clock is two hours ahead of AWS, and the keys expire in an hour.
    double.now = () => clock.now() - 120 * minute;
    const { accessKeyId, secretAccessKey, sessionToken = "" } = double.makeKey("ASIAFIXTURE000000009", true);
    vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
    vi.stubEnv("AWS_SESSION_TOKEN", sessionToken);
    vi.stubEnv("AWS_CREDENTIAL_EXPIRATION", new Date(clock.now() - 60 * minute).toISOString());
    const provider = await fixture.open({ auth: { method: "default" } });
    expect(await textOf(read(provider, "db"))).toBe("value");
    expect(await textOf(read(provider, "db"))).toBe("value");
  });

  test("is not reported for a wrong signature", async () => {
    await using fixture = await openSecretsManagerFixture();
    const { double, host } = fixture;
    const provider = await fixture.open({
      auth: { method: "keys", accessKeyId: "AKIAFIXTURE000000001", secretAccessKey: { $env: "WRONG_KEY" } },
    });
    vi.stubEnv("WRONG_KEY", "s3cret-fixture-wrong");
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAUTHENTICATED", reason: "signature" });
    expect(double.requests).toHaveLength(2);
    expect(host.warnings).toEqual([]);
  });
});

test("an endpoint with a path receives the request there, and the path is signed", async () => {
  await using fixture = await openSecretsManagerFixture();
  fixture.store.put("db", "value");
  const provider = await fixture.open({ endpoint: `${fixture.double.url}/gateway/` });
  expect(await textOf(read(provider, "db"))).toBe("value");
  expect(fixture.double.requests[0]?.url.pathname).toBe("/gateway/");
});

test.each([
  [" \n", "credential-empty"],
  ["s3cret fixture", "credential-malformed"],
])("the secret access key %j is refused before anything is sent", async (secret, reason) => {
  await using fixture = await openSecretsManagerFixture();
  vi.stubEnv("BLANK_KEY", secret);
  const provider = await fixture.open({
    auth: { method: "keys", accessKeyId: "AKIAFIXTURE000000001", secretAccessKey: { $env: "BLANK_KEY" } },
  });
  expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAUTHENTICATED", reason });
  expect(fixture.double.requests).toHaveLength(0);
});

test("keys in variables are used with their token, except if a profile is configured", async () => {
  await using fixture = await openSecretsManagerFixture();
  const { store, double } = fixture;
  store.put("db", "value");
  const { accessKeyId, secretAccessKey, sessionToken = "" } = double.makeKey("ASIAFIXTURE000000009", true);
  vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", sessionToken);
  const auth = { method: "default" };
  expect(await textOf(read(await fixture.open({ auth }), "db"))).toBe("value");
  expect(fixture.host.protected.map(({ value }) => value)).toEqual(
    expect.arrayContaining([secretAccessKey, sessionToken]),
  );
  const other = double.makeKey("AKIAFIXTURE000000010");
  const lines = ["[dev]", `aws_access_key_id=${other.accessKeyId}`, `aws_secret_access_key=${other.secretAccessKey}`];
  writeFileSync(join(directory, "credentials"), lines.join("\n"));
  expect(await textOf(read(await fixture.open({ auth: { ...auth, profile: "dev" } }), "db"))).toBe("value");
  const signers = double.requests.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]);
  expect(signers).toEqual([accessKeyId, other.accessKeyId]);
});

describe("keys of a container", () => {
  async function container() {
    const fixture = await openSecretsManagerFixture();
    const { double, store, clock } = fixture;
    store.put("db", "value");
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${double.url}/credentials`);
    writeFileSync(join(directory, "token"), "s3cret-fixture-pod-1");
    vi.stubEnv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", join(directory, "token"));
    let given = 0;
    double.container = () => {
      given += 1;
      const { accessKeyId, secretAccessKey, sessionToken } = double.makeKey(`ASIAFIXTURE00000000${given}`, true);
      // The SDK compares the expiry with the clock of the machine.
      const Expiration = new Date(Math.max(Date.now(), clock.now()) + 60 * minute).toISOString();
      return { body: { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration } };
    };
    double.onExpired = undefined;
    const provider = await fixture.open({ auth: { method: "default" } });
    return { fixture, provider, given: () => given };
  }

  test("are requested once for a hundred first reads, and are masked", async () => {
    const { fixture, provider, given } = await container();
    await using _ = fixture;
    await Promise.all(Array.from({ length: 100 }, () => read(provider, "db")));
    expect(given()).toBe(1);
    const masked = fixture.host.protected.map(({ value }) => value);
    for (const secret of fixture.double.made.slice(1)) expect(masked).toContain(secret);
    const asked = fixture.double.requests.filter(({ url }) => url.pathname === "/credentials");
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(["s3cret-fixture-pod-1"]);
  });

  test("that AWS has expired are replaced, with the current token in the file", async () => {
    const { fixture, provider, given } = await container();
    await using _ = fixture;
    await read(provider, "db");
    writeFileSync(join(directory, "token"), "s3cret-fixture-pod-2");
    fixture.double.expireLogins();
    expect(await textOf(read(provider, "db"))).toBe("value");
    expect(given()).toBe(2);
    const asked = fixture.double.requests.filter(({ url }) => url.pathname === "/credentials");
    expect(asked.at(-1)?.headers.authorization).toBe("s3cret-fixture-pod-2");
  });

  test("that are temporarily unavailable are no refusal, and are used after the outage", async () => {
    const { fixture, provider } = await container();
    await using _ = fixture;
    const { double } = fixture;
    const give = double.container;
    double.container = () => ({ status: 503, body: "<html>s3cret-fixture</html>" });
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "cloud-identity" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cret-fixture");
    double.container = give;
    expect(await textOf(read(provider, "db"))).toBe("value");
  });
});

describe("a refusal", () => {
  test.each([
    ["ThrottlingException", "", "THROTTLED", "throttled"],
    ["com.amazon.coral.availability#ThrottlingException", "", "THROTTLED", "throttled"],
    ["TooManyRequestsException", "", "THROTTLED", "throttled"],
    ["ExpiredTokenException", "", "UNAUTHENTICATED", "token-ended"],
    ["UnrecognizedClientException", "", "UNAUTHENTICATED", "login-refused"],
    ["IncompleteSignature", "", "UNAUTHENTICATED", "signature"],
    [
      "AccessDeniedException",
      "is not authorized to perform: secretsmanager:GetSecretValue",
      "PERMISSION_DENIED",
      "iam",
    ],
    ["AccessDeniedException", "Access to KMS is not allowed", "PERMISSION_DENIED", "kms-key"],
    ["DecryptionFailure", "", "PERMISSION_DENIED", "kms-key"],
    ["InternalServiceError", "", "UNAVAILABLE", "server-error"],
    ["InternalFailure:http://internal.amazon.com/coral/", "", "UNAVAILABLE", "server-error"],
    ["UnknownOperationException", "", "INTERNAL", "bad-request"],
    ["ValidationException", "", "INTERNAL", "bad-request"],
    ["SomethingNewException", "", "INTERNAL", "bad-request"],
  ])("%s, %j, is %s/%s with any status", async (type, words, code, reason) => {
    await using fixture = await openSecretsManagerFixture();
    const provider = await fixture.open();
    for (const status of [400, 403, 404, 500]) {
      fixture.double.override = () => awsError(type, `${words} s3cret-fixture`, status);
      const error = await rejection(read(provider, "db"));
      expect(error).toMatchObject({ code, reason });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cret-fixture");
    }
  });

  test("of an action that no policy allows contains the action and the resource", async () => {
    await using fixture = await openSecretsManagerFixture();
    fixture.store.refused.set("prod/db", ["AccessDeniedException", "no identity-based policy allows it"]);
    const error = await rejection(read(await fixture.open(), "prod/db"));
    expect(error).toMatchObject({
      tip: expect.stringContaining(
        "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-central-1:*:secret:prod/db-??????",
      ),
    });
  });

  test("with its type in a header is recognised", async () => {
    await using fixture = await openSecretsManagerFixture();
    fixture.double.override = () => ({
      status: 400,
      headers: { "x-amzn-errortype": "ThrottlingException:http://internal.amazon.com/" },
      body: { message: "Rate exceeded" },
    });
    expect(await rejection(read(await fixture.open(), "db"))).toMatchObject({ code: "THROTTLED" });
  });
});

test("no request is sent if no region is set", async () => {
  await using fixture = await openSecretsManagerFixture();
  delete fixture.environment.AWS_REGION;
  expect(await rejection(fixture.open())).toMatchObject({ code: "INVALID_CONFIG", reason: "region" });
  fixture.environment.AWS_DEFAULT_REGION = "us-west-2";
  await expect(fixture.open()).resolves.toBeDefined();
  await expect(fixture.open({ region: "evil.example/" })).rejects.toMatchObject({ code: "INVALID_CONFIG" });
});

test.each([
  ["Secrets Manager", openSecretsManagerFixture, "arn:aws:secretsmanager:us-west-2:123456789012:secret:db-AbCdEf"],
  ["Parameter Store", openParameterStoreFixture, "arn:aws:ssm:us-west-2:123456789012:parameter/db"],
])(
  "diagnose of %s reports refused names and regions, and leaves them out of the policy",
  async (_, open, elsewhere) => {
    await using fixture = await open();
    const provider = await fixture.open();
    await read(provider, "db").catch(() => undefined);
    await rejection(read(provider, "a b"));
    await provider.getMany?.(
      [
        { path: "c d", version: "current" as const },
        { path: "db", version: "current" as const },
      ],
      forever,
    );
    await rejection(read(provider, elsewhere));
    const findings = (await provider.diagnose?.(forever)) ?? [];
    for (const [code, reference] of [
      ["path", "a b"],
      ["path", "c d"],
      ["region", elsewhere],
    ])
      expect(findings).toContainEqual(expect.objectContaining({ level: "error", code, reference }));
    expect(findings).toContainEqual({
      level: "warning",
      code: "secret-missing",
      message: '"db": the store returns nothing under that name in eu-central-1',
      reference: "db",
      tip: expect.stringContaining("`region`"),
    });
    const policy = findings.find(({ code }) => code === "iam-policy")?.message ?? "";
    expect(policy).toMatch(/[:/]db\b/);
    expect(policy).not.toMatch(/a b|c d|us-west-2/);
  },
);

test("an identity that STS does not return is reported as the id of the key", async () => {
  await using fixture = await openSecretsManagerFixture();
  fixture.store.put("db", "value");
  const provider = await fixture.open();
  await read(provider, "db");
  const [identity] = (await provider.diagnose?.(forever)) ?? [];
  expect(identity).toMatchObject({ code: "identity", message: expect.stringContaining("AKIAFIXTURE000000001") });
});
