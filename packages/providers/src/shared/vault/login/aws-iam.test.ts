import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type LoginFixture, openLoginFixture } from "../../../../test/vault/login-fixture.ts";

const key = { accessKeyId: "AKIAFIXTURE", secretAccessKey: "s3cret-fixture-aws" };
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

function useVariables({ accessKeyId, secretAccessKey }: typeof key): void {
  vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
}

/** Returns the request that Vault would send to STS. */
function question({ vault }: LoginFixture) {
  const { body } = vault.requests.at(-1) ?? {};
  const part = (name: string): string => Buffer.from(String(body?.[name]), "base64").toString();
  return { url: part("iam_request_url"), headers: JSON.parse(part("iam_request_headers")) as Record<string, string> };
}

describe("a login with IAM", () => {
  test("is signed for the global endpoint with the time of the client, and contains the role", async () => {
    await using fixture = await openLoginFixture();
    useVariables(key);
    await fixture.http.clock.advance(30 * 86_400_000);
    await fixture.run(fixture.create({ method: "aws-iam", mount: "team/aws", role: "app" }));
    const { url, headers } = question(fixture);
    expect(fixture.vault.requests[0]).toMatchObject({ path: "auth/team/aws/login", body: { role: "app" } });
    expect(url).toBe("https://sts.amazonaws.com/");
    expect(headers.authorization).toContain("/us-east-1/sts/aws4_request");
    expect(JSON.stringify(fixture.vault.requests)).not.toContain(key.secretAccessKey);
    expect(fixture.host.protected.map(({ value }) => value)).toContain(key.secretAccessKey);
  });

  test.each([3_600_000, -3_600_000])(
    "is signed by the clock of Vault, which its first refusal tells to be %i ms ahead",
    async (skewMs) => {
      await using fixture = await openLoginFixture();
      useVariables(key);
      fixture.vault.now = () => fixture.http.clock.now() + skewMs;
      const login = fixture.create({ method: "aws-iam" });
      await fixture.run(login);
      await fixture.run(login);
      expect(fixture.vault.attempts).toBe(3);
    },
  );

  test("that is refused is not repeated if the clocks agree", async () => {
    await using fixture = await openLoginFixture();
    useVariables({ ...key, secretAccessKey: "s3cret-fixture-wrong" });
    await expect(fixture.run(fixture.create({ method: "aws-iam" }))).rejects.toMatchObject({ reason: "login-refused" });
    expect(fixture.vault.attempts).toBe(1);
  });

  test.each([
    [{ region: "eu-central-1" }, "https://sts.eu-central-1.amazonaws.com/", "eu-central-1"],
    [{ region: "cn-north-1" }, "https://sts.cn-north-1.amazonaws.com.cn/", "cn-north-1"],
    [{ region: "us-gov-west-1", endpoint: "https://sts-fips.example/" }, "https://sts-fips.example/", "us-gov-west-1"],
    [{ endpoint: "http://127.0.0.1:4566" }, "http://127.0.0.1:4566/", "us-east-1"],
  ])("is signed for the STS of %j", async (options, expected, region) => {
    await using fixture = await openLoginFixture();
    useVariables(key);
    await fixture.run(fixture.create({ method: "aws-iam", ...options }));
    const { url, headers } = question(fixture);
    expect(url).toBe(expected);
    expect(headers.authorization).toContain(`/${region}/sts/aws4_request`);
  });

  test("signs the configured server id", async () => {
    await using fixture = await openLoginFixture();
    useVariables(key);
    fixture.vault.serverId = "vault.example";
    await fixture.run(fixture.create({ method: "aws-iam", serverId: "vault.example" }));
    const refused = { code: "UNAUTHENTICATED", reason: "login-refused" };
    await expect(fixture.run(fixture.create({ method: "aws-iam" }))).rejects.toMatchObject(refused);
    const other = fixture.create({ method: "aws-iam", serverId: "other.example" });
    await expect(fixture.run(other)).rejects.toMatchObject(refused);
  });

  test("uses replaced keys in their file at the next login", async () => {
    await using fixture = await openLoginFixture();
    const login = fixture.create({ method: "aws-iam" });
    for (const generation of [1, 2]) {
      fixture.vault.awsKey = { accessKeyId: `AKIA${generation}`, secretAccessKey: `s3cret-fixture-${generation}` };
      const { accessKeyId, secretAccessKey } = fixture.vault.awsKey;
      const lines = ["[default]", `aws_access_key_id=${accessKeyId}`, `aws_secret_access_key=${secretAccessKey}`];
      writeFileSync(join(directory, "credentials"), lines.join("\n"));
      await fixture.run(login);
    }
  });

  test("sends the current session token of a role, from the container endpoint", async () => {
    await using fixture = await openLoginFixture();
    const roleKey = { ...key, sessionToken: "s3cret-fixture-session" };
    fixture.vault.awsKey = roleKey;
    let asked = 0;
    const container = await fixture.http.serve((_, response) => {
      asked += 1;
      const answer = {
        AccessKeyId: roleKey.accessKeyId,
        SecretAccessKey: roleKey.secretAccessKey,
        Token: roleKey.sessionToken,
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${container.url}/credentials`);
    const login = fixture.create({ method: "aws-iam" });
    await fixture.run(login);
    await fixture.run(login);
    expect(asked).toBe(2);
    expect(fixture.host.protected.map(({ value }) => value)).toContain("s3cret-fixture-session");
  });

  test("does not wait for ever for a cloud that does not respond", async () => {
    await using fixture = await openLoginFixture();
    const asked = Promise.withResolvers<void>();
    const container = await fixture.http.serve(() => asked.resolve());
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${container.url}/credentials`);
    const login = fixture.create({ method: "aws-iam" });
    const failing = fixture.run(login);
    failing.catch(() => undefined);
    await asked.promise;
    await fixture.http.clock.advance(9000);
    await expect(failing).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "cloud-identity" });
    useVariables(key);
    await fixture.run(login);
  });

  test("is refused with keys unknown to STS", async () => {
    await using fixture = await openLoginFixture();
    useVariables({ ...key, secretAccessKey: "s3cret-fixture-wrong" });
    const refused = { code: "UNAUTHENTICATED", reason: "login-refused" };
    await expect(fixture.run(fixture.create({ method: "aws-iam" }))).rejects.toMatchObject(refused);
  });

  test("is UNAUTHENTICATED on a machine without keys, and sends nothing to Vault", async () => {
    await using fixture = await openLoginFixture();
    const nobody = {
      code: "UNAUTHENTICATED",
      reason: "cloud-identity",
      tip: expect.stringContaining("AWS_ACCESS_KEY_ID"),
    };
    await expect(fixture.run(fixture.create({ method: "aws-iam" }))).rejects.toMatchObject(nobody);
    expect(fixture.vault.requests).toEqual([]);
  });
});

test.each([
  { region: "eu central" },
  { region: "eu-central-1.evil.example/" },
  { endpoint: "ftp://sts.example" },
  { endpoint: "https://user:s3cret-fixture@sts.example" },
  { serverId: "a\r\nb" },
  { accessKeyId: "AKIA" },
])("the options %j are refused", async (options) => {
  await using fixture = await openLoginFixture();
  expect(() => fixture.create({ method: "aws-iam", ...options })).toThrow();
});
