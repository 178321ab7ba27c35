import dns from "node:dns";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { read, textOf } from "../../../test/aws-fixture.ts";
import { type AwsIdentity, AwsIdentityDouble, type GivenKeys, ssoFiles } from "../../../test/aws-identity-double.ts";
import { openSecretsManagerFixture } from "../../../test/aws-secrets-manager/harness.ts";
import { rejection } from "../../../test/http-fixture.ts";

// All tests use the provider and Amazon's library, which knows the sources of keys.

let directory: string;
let identities: AwsIdentityDouble;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "tacit-aws-"));
  identities = new AwsIdentityDouble();
  await identities.listen();
  for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_"))) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", directory).stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await identities.close();
  rmSync(directory, { recursive: true });
});

function put(name: string, content: string): string {
  const file = join(directory, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** Sets this process up with one source of keys, and returns the options of a provider for it. */
const places: Readonly<Record<AwsIdentity, () => Readonly<Record<string, unknown>>>> = {
  instance() {
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", undefined).stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", identities.url);
    return { method: "default" };
  },
  task() {
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${identities.url}/v2/credentials/task`);
    return { method: "default" };
  },
  pod() {
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${identities.url}/v1/credentials`);
    vi.stubEnv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", put("token", identities.podToken));
    return { method: "default" };
  },
  sso() {
    for (const [name, content] of Object.entries(ssoFiles)) put(name, content);
    vi.stubEnv("AWS_ENDPOINT_URL_SSO", identities.url);
    return { method: "default", profile: "dev" };
  },
  "web-identity"() {
    vi.stubEnv("AWS_ENDPOINT_URL_STS", identities.url).stubEnv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/orders");
    vi.stubEnv("AWS_WEB_IDENTITY_TOKEN_FILE", put("web-token", identities.webToken));
    return { method: "default" };
  },
  role() {
    vi.stubEnv("AWS_ENDPOINT_URL_STS", identities.url).stubEnv("AWS_ACCESS_KEY_ID", "AKIAFIXTURE000000020");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cret-fixture-of-a-user");
    return { method: "role", arn: "arn:aws:iam::210987654321:role/reader", externalId: "orders" };
  },
};

describe.each(Object.keys(places) as AwsIdentity[])("keys of the kind %s", (identity) => {
  test("are used, masked, requested once, and replaced after AWS has expired them", async () => {
    await using fixture = await openSecretsManagerFixture();
    const { double, store, host } = fixture;
    store.put("db", "value");
    const next = (id: string): GivenKeys => double.makeKey(id, true) as GivenKeys;
    identities.give(identity, next("ASIAFIXTURE000000001"));
    double.onExpired = () => identities.give(identity, next("ASIAFIXTURE000000002"));
    const provider = await fixture.open({ auth: places[identity]() });
    const values = await Promise.all(Array.from({ length: 10 }, () => textOf(read(provider, "db"))));
    expect(new Set(values)).toEqual(new Set(["value"]));
    expect(identities.given.get(identity)).toBe(1);
    double.expireLogins();
    expect(await textOf(read(provider, "db"))).toBe("value");
    expect(identities.given.get(identity)).toBe(2);
    const signers = double.requests.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]);
    expect([signers[0], signers.at(-1)]).toEqual(["ASIAFIXTURE000000001", "ASIAFIXTURE000000002"]);
    const masked = host.protected.map(({ value }) => value);
    for (const { secretAccessKey, sessionToken } of identities.keys.values())
      expect(masked).toEqual(expect.arrayContaining([secretAccessKey, sessionToken]));
  });

  test("that are temporarily unavailable are no refusal, and are used after the outage", async () => {
    await using fixture = await openSecretsManagerFixture();
    const { double, store } = fixture;
    store.put("db", "value");
    identities.give(identity, double.makeKey("ASIAFIXTURE000000001", true) as GivenKeys);
    const provider = await fixture.open({ auth: places[identity]() });
    identities.isDown = true;
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "cloud-identity" });
    expect(`${(error as Error).stack} ${String((error as Error).cause)}`).not.toContain("s3cret-fixture");
    identities.isDown = false;
    expect(await textOf(read(provider, "db"))).toBe("value");
  });
});

test.each(["instance", "task"] as const)(
  "a profile whose SSO session has expired is not replaced by available keys of the kind %s",
  async (other) => {
    await using fixture = await openSecretsManagerFixture();
    const { double, store } = fixture;
    store.put("db", "value");
    places[other]();
    identities.give(other, double.makeKey("ASIAFIXTURE000000001", true) as GivenKeys);
    const auth = places.sso();
    for (const name of Object.keys(ssoFiles).filter((each) => each.endsWith(".json")))
      put(name, JSON.stringify({ ...JSON.parse(ssoFiles[name] ?? ""), expiresAt: "2020-01-01T00:00:00Z" }));
    const provider = await fixture.open({ auth });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAUTHENTICATED", reason: "cloud-identity" });
    expect(identities.given.get(other)).toBe(undefined);
  },
);

test.each([
  ["sso", "portal.sso.eu-central-1.amazonaws.com"],
  ["web-identity", "sts.us-west-2.amazonaws.com"],
] as const)("keys of the kind %s are requested at %s for secrets in us-west-2", async (identity, expected) => {
  await using fixture = await openSecretsManagerFixture();
  const auth = places[identity]();
  vi.stubEnv("AWS_ENDPOINT_URL_SSO", undefined).stubEnv("AWS_ENDPOINT_URL_STS", undefined);
  const asked = new Set<string>();
  const nowhere = (host: string, ...rest: readonly unknown[]): void => {
    asked.add(host);
    const callback = rest.at(-1) as (error: Error) => void;
    process.nextTick(callback, Object.assign(new Error("nowhere"), { code: "ENOTFOUND" }));
  };
  vi.spyOn(dns, "lookup").mockImplementation(nowhere as typeof dns.lookup);
  const provider = await fixture.open({ auth, region: "us-west-2" });
  expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAVAILABLE", reason: "cloud-identity" });
  expect([...asked]).toEqual([expected]);
});

describe("keys in variables, which are read without a package, equal those of the official chain", () => {
  const pair = { AWS_ACCESS_KEY_ID: "AKIAFIXTURE000000001", AWS_SECRET_ACCESS_KEY: "s3cret-fixture-1" };

  test.each([
    ["alone", pair, undefined],
    ["with a token", { ...pair, AWS_SESSION_TOKEN: "s3cret-fixture-token" }, undefined],
    ["with an end", { ...pair, AWS_CREDENTIAL_EXPIRATION: "2099-01-01T00:00:00Z" }, undefined],
    ["beside AWS_PROFILE, which wins", { ...pair, AWS_PROFILE: "other" }, undefined],
    ["beside an empty AWS_PROFILE", { ...pair, AWS_PROFILE: "" }, undefined],
    ["beside a profile of the document, which wins", pair, "other"],
    ["without the secret, which the default profile has", { AWS_ACCESS_KEY_ID: "AKIAFIXTURE000000001" }, undefined],
    ["with an empty secret", { ...pair, AWS_SECRET_ACCESS_KEY: "" }, undefined],
  ])("%s", async (_, variables, profile) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const section = (name: string, id: string): string =>
      `[${name}]\naws_access_key_id=AKIAFIXTURE00000000${id}\naws_secret_access_key=s3cret-fixture-${id}\n`;
    put(".aws/credentials", section("default", "7") + section("other", "8"));
    // The library warns if both a profile and variables are set.
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const official = await fromNodeProviderChain({ ignoreCache: true, ...(profile && { profile }) })();
    await using fixture = await openSecretsManagerFixture();
    const { double, store } = fixture;
    store.put("db", "value");
    const { accessKeyId, secretAccessKey, sessionToken } = official;
    double.keys.set(accessKeyId, {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
    });
    const provider = await fixture.open({ auth: { method: "default", ...(profile && { profile }) } });
    expect(await textOf(read(provider, "db"))).toBe("value");
  });
});
