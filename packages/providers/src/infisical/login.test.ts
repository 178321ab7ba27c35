import { inspect } from "node:util";
import { manualClock } from "@tacit/core/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { makeAuthority, makeCertificate } from "../../test/http-fixture.ts";
import { type InfisicalFixture, openFixture } from "../../test/infisical/double.ts";
import { MetadataDouble } from "../../test/metadata-double.ts";
import { contentOf, forever, read, rejection } from "../../test/store-fixture.ts";

const metadata = new MetadataDouble();
beforeAll(() => metadata.listen());
afterAll(() => metadata.close());

let fixture: InfisicalFixture;
const start = async (...parts: Parameters<typeof openFixture>): Promise<void> => {
  fixture = await openFixture(...parts);
  fixture.double.secrets.set("/orders/DB", ["s3cret-fixture"]);
  Object.assign(fixture.environment, metadata.environment);
};
const logins = (): readonly string[] =>
  fixture.double.requests.map(({ path }) => path).filter((path) => path.includes("/auth/"));

describe("a machine identity", () => {
  beforeEach(async () => {
    await start();
    const { accessKeyId, secretAccessKey } = fixture.double.awsKey;
    for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_"))) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await fixture[Symbol.asyncDispose]();
  });

  test.each<[Record<string, unknown>, string]>([
    [{ method: "aws-iam" }, "aws"],
    [{ method: "aws-iam", region: "eu-central-1" }, "aws"],
    [{ method: "azure" }, "azure"],
    [{ method: "gcp" }, "gcp"],
  ])("of %j sends a proof of the cloud", async (auth, name) => {
    const provider = await fixture.open({ auth: { identityId: "id-1", ...auth } });
    expect(await contentOf(read(provider, "orders/DB"))).toBe("s3cret-fixture");
    expect(logins()).toEqual([`/api/v1/auth/${name}-auth/login`]);
    const sent = fixture.double.requests[0]?.body ?? "";
    expect(sent + Buffer.from(sent, "base64").toString()).not.toContain(fixture.double.awsKey.secretAccessKey);
  });

  test("is told by diagnose, with what it needs", async () => {
    const provider = await fixture.open({ auth: { method: "gcp", identityId: "id-1" } });
    await read(provider, "orders/DB");
    const findings = (await provider.diagnose?.(forever)) ?? [];
    expect(findings.map(({ code }) => code)).toEqual(["identity", "least-privilege"]);
    expect(findings[0]?.message).toBe('this process is the machine identity "id-1" of Infisical');
    expect(findings[1]?.tip).toContain('Read Value on secrets of the environment "prod" and the path "/orders"');
  });

  test.each(["kubernetes", "oidc", "jwt"])("of %s logs in with a JWT", async (method) => {
    const auth = { method, identityId: "id-1", token: { $file: fixture.file("jwt", "s3cret-fixture-jwt\n") } };
    expect(await contentOf(read(await fixture.open({ auth }), "orders/DB"))).toBe("s3cret-fixture");
    expect(logins()).toEqual([`/api/v1/auth/${method}-auth/login`]);
  });

  test("of a directory logs in with a password, as it is now", async () => {
    const password = { $file: fixture.file("password", "s3cret-fixture-former") };
    const provider = await fixture.open({ auth: { method: "ldap", identityId: "id-1", username: "app", password } });
    expect(await rejection(read(provider, "orders/DB"))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "login-refused",
    });
    fixture.file("password", "s3cret-fixture-password");
    expect(await contentOf(read(provider, "orders/DB"))).toBe("s3cret-fixture");
  });

  test("signs a question to AWS by the clock of Infisical, which its first refusal tells", async () => {
    const { double, clock } = fixture;
    double.now = () => clock.now() + 3_600_000;
    const provider = await fixture.open({ auth: { method: "aws-iam", identityId: "id-1" } });
    expect(await contentOf(read(provider, "orders/DB"))).toBe("s3cret-fixture");
  });

  test("that is refused shows nothing of its proof", async () => {
    const { double, file, host } = fixture;
    double.refusesLogins = true;
    const token = { $file: file("token", "s3cret-fixture-token") };
    for (const auth of [
      { method: "aws-iam" },
      { method: "azure" },
      { method: "gcp" },
      { method: "jwt", token },
      { method: "ldap", username: "app", password: token },
    ]) {
      const error = await rejection(read(await fixture.open({ auth: { identityId: "id-1", ...auth } }), "orders/DB"));
      expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
      const printed = inspect(error, { depth: 10, showHidden: true });
      expect(host.protected.length).toBeGreaterThan(0);
      for (const { value } of host.protected) expect(printed).not.toContain(value);
    }
  });

  test("without a cloud is UNAUTHENTICATED, and nothing is sent to Infisical", async () => {
    metadata.override = () => ({ status: 403 });
    for (const method of ["azure", "gcp"]) {
      const reading = read(await fixture.open({ auth: { method, identityId: "id-1" } }), "orders/DB");
      expect(await rejection(reading)).toMatchObject({ code: "UNAUTHENTICATED", reason: "cloud-identity" });
    }
    metadata.override = () => undefined;
    expect(fixture.double.requests).toEqual([]);
  });

  test.each([
    { method: "gcp", identityId: "id-1", type: "iam" },
    { method: "certificate", identityId: "id-1" },
    { method: "aws-iam", identityId: "id-1", region: "eu-central-1.evil.example/" },
  ])("of %j is a mistake of the document", async (auth) => {
    expect(await rejection(fixture.open({ auth }))).toMatchObject({ code: "INVALID_CONFIG" });
  });
});

test("a certificate logs in, as it is renewed on disk", async () => {
  const [server, authority] = [await makeCertificate(), await makeAuthority("clients")];
  const secure = { ...server, requestCert: true, rejectUnauthorized: false, ca: [authority.cert] };
  await start({ clock: manualClock() }, secure);
  const { file } = fixture;
  const write = async (name: string): Promise<object> => {
    const { cert, key } = await makeCertificate(name, authority);
    return { certificate: { $file: file("tls.crt", cert) }, key: { $file: file("tls.key", key) } };
  };
  const tls = { ca: { $file: file("ca.crt", server.cert) }, ...(await write("former")) };
  const provider = await fixture.open({ auth: { method: "certificate", identityId: "id-1" }, tls });
  expect(await rejection(read(provider, "orders/DB"))).toMatchObject({ code: "UNAUTHENTICATED" });
  await write("orders");
  await (fixture.host.clock as ReturnType<typeof manualClock>).advance(1000);
  expect(await contentOf(read(provider, "orders/DB"))).toBe("s3cret-fixture");
  await fixture[Symbol.asyncDispose]();
});
