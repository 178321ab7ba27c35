import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type ConjurFixture, openFixture } from "../../../test/conjur/double.ts";
import { MetadataDouble } from "../../../test/metadata-double.ts";
import { contentOf, read, rejection } from "../../../test/store-fixture.ts";

const metadata = new MetadataDouble();
beforeAll(() => metadata.listen());
afterAll(() => metadata.close());

let fixture: ConjurFixture;
beforeEach(async () => {
  fixture = await openFixture();
  fixture.double.variables.set("db", Buffer.from("s3cret-fixture"));
  Object.assign(fixture.environment, metadata.environment);
  const { accessKeyId, secretAccessKey } = fixture.double.awsKey;
  for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_"))) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  metadata.requests.length = 0;
  await fixture[Symbol.asyncDispose]();
});

const logins = (): readonly string[] =>
  fixture.double.requests.map(({ target }) => target).filter((target) => target.startsWith("/authn"));
const role = "app/123456789012/orders";

test.each<[Record<string, unknown>, string]>([
  [
    { method: "aws-iam", service: "prod", hostId: role },
    "/authn-iam/prod/acct/host%2Fapp%2F123456789012%2Forders/authenticate",
  ],
  [
    { method: "aws-iam", service: "prod", hostId: `host/${role}`, region: "eu-central-1" },
    "/authn-iam/prod/acct/host%2Fapp%2F123456789012%2Forders/authenticate",
  ],
  [{ method: "azure", service: "prod", hostId: "app" }, "/authn-azure/prod/acct/host%2Fapp/authenticate"],
  [{ method: "gcp", hostId: "host/app" }, "/authn-gcp/acct/authenticate"],
])("the login %j sends a proof of the cloud", async (auth, target) => {
  expect(await contentOf(read(await fixture.open({ auth }), "db"))).toBe("s3cret-fixture");
  expect(logins()).toEqual([target]);
  const sent = fixture.double.requests[0]?.body ?? "";
  expect(sent).not.toContain(fixture.double.awsKey.secretAccessKey);
  const proof = /^\{/.test(sent)
    ? (JSON.parse(sent) as { readonly authorization: string }).authorization
    : new URLSearchParams(sent).get("jwt");
  expect(fixture.host.protected.map(({ value }) => value)).toContain(proof);
});

test("a proof is made anew for each login", async () => {
  const provider = await fixture.open({ auth: { method: "gcp", hostId: "app" } });
  await read(provider, "db");
  fixture.double.expireLogins();
  await read(provider, "db");
  expect(metadata.requests.map(({ query }) => query)).toEqual([
    { audience: "conjur/acct/host/app", format: "full" },
    { audience: "conjur/acct/host/app", format: "full" },
  ]);
});

test.each([3_600_000, -3_600_000])(
  "a question to AWS is signed by the clock of Conjur, which its first refusal tells to be %i ms ahead",
  async (skewMs) => {
    const { double, clock } = fixture;
    double.now = () => clock.now() + skewMs;
    const provider = await fixture.open({ auth: { method: "aws-iam", service: "prod", hostId: role } });
    expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
    double.expireLogins();
    expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
    expect(logins()).toHaveLength(3);
  },
);

test.each(["aws-iam", "api-key"])("the refused login %s is not tried again for the clock alone", async (method) => {
  const { double, clock, file } = fixture;
  double.refusesLogins = true;
  double.now = () => clock.now() + (method === "aws-iam" ? 1000 : 3_600_000);
  const auths: Readonly<Record<string, Record<string, unknown>>> = {
    "aws-iam": { method, service: "prod", hostId: role },
    "api-key": { method, login: "host/app", apiKey: { $file: file("key", "s3cret-fixture") } },
  };
  const error = await rejection(read(await fixture.open({ auth: auths[method] }), "db"));
  expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
  expect(logins()).toHaveLength(1);
});

test.each<[string, Record<string, unknown>, string]>([
  ["oidc", { service: "prod" }, "/authn-oidc/prod/acct/authenticate"],
  ["ldap", { service: "prod", login: "app" }, "/authn-ldap/prod/acct/app/authenticate"],
])("%s logs in with what its source holds now", async (method, options, target) => {
  const { double, file } = fixture;
  const source = { $file: file("source", "s3cret-fixture-other") };
  const auth = { method, ...options, ...(method === "oidc" ? { token: source } : { password: source }) };
  const provider = await fixture.open({ auth });
  expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
  file("source", method === "oidc" ? `${double.jwt}\n` : double.apiKey);
  expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
  expect(logins()).toEqual([target, target]);
});

test("a machine without a cloud is UNAUTHENTICATED, and nothing is sent to Conjur", async () => {
  metadata.override = () => ({ status: 403 });
  for (const auth of [
    { method: "azure", service: "prod", hostId: "app" },
    { method: "gcp", hostId: "app" },
  ])
    expect(await rejection(read(await fixture.open({ auth }), "db"))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "cloud-identity",
    });
  metadata.override = () => undefined;
  expect(fixture.double.requests).toEqual([]);
});

test("a login that is refused shows nothing of its proof", async () => {
  const { double, file, host } = fixture;
  double.refusesLogins = true;
  const token = { $file: file("token", "s3cret-fixture-token") };
  for (const auth of [
    { method: "aws-iam", service: "prod", hostId: role },
    { method: "azure", service: "prod", hostId: "app" },
    { method: "gcp", hostId: "app" },
    { method: "oidc", service: "prod", token },
    { method: "ldap", service: "prod", login: "app", password: token },
  ]) {
    const error = await rejection(read(await fixture.open({ auth }), "db"));
    expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
    const printed = inspect(error, { depth: 10, showHidden: true });
    expect(host.protected.length).toBeGreaterThan(0);
    for (const { value } of host.protected) expect(printed).not.toContain(value);
  }
});

describe("the environment tells of", () => {
  const general = { CONJUR_SERVICE_ID: "prod", CONJUR_AUTHN_JWT_HOST_ID: "app" };

  test.each<[string, Record<string, string>, string]>([
    ["iam", { ...general, CONJUR_AUTHN_JWT_HOST_ID: role }, "/authn-iam/prod/acct/"],
    ["azure", { ...general, CONJUR_AUTHN_AZURE_CLIENT_ID: "client-1" }, "/authn-azure/prod/acct/"],
    ["gcp", { CONJUR_AUTHN_JWT_HOST_ID: "app" }, "/authn-gcp/acct/"],
  ])("the login %s", async (type, variables, path) => {
    Object.assign(fixture.environment, variables, { CONJUR_AUTHN_TYPE: type });
    const provider = await fixture.open({ auth: { method: "environment" } });
    expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
    expect(logins()[0]).toContain(path);
    if (type === "azure") expect(metadata.requests[0]?.query.client_id).toBe("client-1");
  });

  test.each([
    ["eu-central-1", "sts.eu-central-1.amazonaws.com"],
    ["us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"],
    ["elsewhere.example/", "sts.amazonaws.com"],
    ["not a region", "sts.amazonaws.com"],
  ])("the region %j, and of none that leads elsewhere", async (region, host) => {
    const variables = { ...general, CONJUR_AUTHN_JWT_HOST_ID: role, CONJUR_AUTHN_TYPE: "iam", AWS_REGION: region };
    Object.assign(fixture.environment, variables);
    await read(await fixture.open({ auth: { method: "environment" } }), "db");
    expect(JSON.parse(fixture.double.requests[0]?.body ?? "{}")).toMatchObject({ host });
  });

  test.each([
    { CONJUR_AUTHN_TYPE: "azure", CONJUR_SERVICE_ID: "prod" },
    { CONJUR_AUTHN_TYPE: "iam", CONJUR_AUTHN_JWT_HOST_ID: "app" },
    { CONJUR_AUTHN_TYPE: "gcp" },
    { CONJUR_AUTHN_TYPE: "oidc", ...general },
  ])("no login where a part of it is missing: %j", async (variables) => {
    Object.assign(fixture.environment, variables);
    const opening = fixture.open({ auth: { method: "environment" } });
    expect(await rejection(opening)).toMatchObject({ code: "INVALID_CONFIG", reason: "login" });
  });
});
