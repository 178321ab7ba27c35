import { createSecrets, declareSecrets } from "@tacit/core";
import { parseOptions } from "@tacit/core/conformance";
import type { Finding, Provider, ProviderResult, VersionSelector } from "@tacit/core/provider";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { denied, googleError, type SecretManagerDouble } from "../../test/gcp-secret-manager/double.ts";
import { openFixture } from "../../test/gcp-secret-manager/fixture.ts";
import { contentOf, forever, passes, read, rejection, type StoreFixture } from "../../test/store-fixture.ts";
import { gcpSecretManager } from "./index.ts";
import { openGcpSecretManagerProvider } from "./provider.ts";

let fixture: StoreFixture<SecretManagerDouble>;
let provider: Provider;
beforeAll(async () => {
  fixture = await openFixture();
  provider = await fixture.open();
});
afterAll(async () => fixture[Symbol.asyncDispose]());
beforeEach(() => {
  fixture.double.remove("db");
  fixture.double.put("db", "s3cret-fixture-1");
  fixture.double.put("db", "s3cret-fixture-2");
  fixture.double.put("db", "s3cret-fixture-3");
  fixture.double.override = () => undefined;
  fixture.double.allows = () => true;
});

function get(path: string, version: VersionSelector = "current"): Promise<ProviderResult> {
  return provider.get({ path, version }, forever);
}

describe("versions", () => {
  test("are numbers, of which an alias names one and moves", async () => {
    const { double } = fixture;
    double.setAliases("db", { live: "2" });
    expect(await contentOf(get("db", { id: "1" }))).toBe("s3cret-fixture-1");
    expect(await contentOf(get("db", { id: "live" }))).toBe("s3cret-fixture-2");
    expect(await contentOf(get("db/versions/1"))).toBe("s3cret-fixture-1");
    expect(await get("db/versions/live")).toMatchObject({ version: "2" });
    double.setAliases("db", { live: "3" });
    expect(await contentOf(get("db/versions/live"))).toBe("s3cret-fixture-3");
    expect(await contentOf(get("db/versions/latest"))).toBe("s3cret-fixture-3");
    for (const id of ["9", "no-alias", "../../other", "0", ""])
      expect(await get("db", { id })).toEqual({ status: "not-found", definitive: true });
    expect(await rejection(get("db/versions/live", "previous"))).toMatchObject({
      code: "UNSUPPORTED",
      reason: "versions",
    });
  });

  test("that are disabled or destroyed are passed over on the way to the previous one", async () => {
    const { double } = fixture;
    expect(await contentOf(get("db", "previous"))).toBe("s3cret-fixture-2");
    double.setState("db", 2, "DISABLED");
    expect(await contentOf(get("db", "previous"))).toBe("s3cret-fixture-1");
    double.setState("db", 1, "DESTROYED");
    expect(await get("db", "previous")).toEqual({ status: "not-found", definitive: true });
  });

  test("that are the latest and disabled are told as such, and a destroyed one is gone", async () => {
    const { double } = fixture;
    double.setState("db", 3, "DISABLED");
    expect(await rejection(get("db"))).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "version-disabled",
      tip: expect.stringContaining("in any state"),
    });
    double.setState("db", 3, "DESTROYED");
    expect(await get("db")).toEqual({ status: "not-found", definitive: true });
    double.override = () => googleError(400, "FAILED_PRECONDITION", "The CMEK key s3cret-fixture is not enabled");
    expect(await rejection(get("db"))).toMatchObject({
      code: "UNAVAILABLE",
      reason: "version-unusable",
      scope: "path",
    });
  });
});

describe("the checksum", () => {
  const accesses = () => fixture.double.count(({ path }) => path.endsWith(":access"));

  test("is looked at with each read, and once more before a value is refused", async () => {
    const { double } = fixture;
    const [plain, before] = [double.checksum, accesses()];
    let wrong = 1;
    double.checksum = (data) => (wrong-- > 0 ? "1" : plain(data));
    expect(await contentOf(get("db"))).toBe("s3cret-fixture-3");
    expect(accesses() - before).toBe(2);
    double.checksum = () => "1";
    expect(await rejection(get("db"))).toMatchObject({ code: "INVALID_VALUE", reason: "checksum" });
    expect(accesses() - before).toBe(4);
    double.checksum = () => undefined;
    expect(await contentOf(get("db"))).toBe("s3cret-fixture-3");
    double.checksum = plain;
  });
});

describe("a refusal", () => {
  test.each([
    [denied(), "PERMISSION_DENIED", "iam-permission", "roles/secretmanager.secretAccessor"],
    [
      googleError(403, "PERMISSION_DENIED", "x", "constructor"),
      "PERMISSION_DENIED",
      "iam-permission",
      "roles/secretmanager.secretAccessor",
    ],
    [
      googleError(403, "PERMISSION_DENIED", "x", "SERVICE_DISABLED"),
      "PERMISSION_DENIED",
      "api-disabled",
      "gcloud services",
    ],
    [
      googleError(403, "PERMISSION_DENIED", "x", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
      "PERMISSION_DENIED",
      "token-scope",
      "cloud-platform",
    ],
    [googleError(403, "PERMISSION_DENIED", "x", "CONSUMER_INVALID"), "PERMISSION_DENIED", "project", "`project`"],
    [googleError(400, "INVALID_ARGUMENT"), "INTERNAL", "bad-request", "`location`"],
    [googleError(401, "UNAUTHENTICATED"), "UNAUTHENTICATED", "login-refused", "clock"],
    [googleError(429, "RESOURCE_EXHAUSTED"), "THROTTLED", undefined, ""],
    [googleError(500, "INTERNAL"), "UNAVAILABLE", "server-error", ""],
    [{ status: 404, body: { error: { code: 404, message: "no status" } } }, "INTERNAL", "unexpected-status", ""],
  ])("%j is %s, %s", async (answer, code, reason, tip) => {
    fixture.double.override = ({ path }) => (path.endsWith(":access") ? answer : undefined);
    const error = (await rejection(get("db"))) as Error & { readonly tip?: string };
    expect(error).toMatchObject({ code, ...(reason !== undefined && { reason }) });
    expect(error.tip ?? "").toContain(tip);
    expect(`${error.message} ${error.tip} ${error.stack} ${String(error.cause)}`).not.toContain("s3cret");
  });

  test("of a name is told before anything is asked", async () => {
    const before = fixture.double.requests.length;
    for (const path of [
      "a.b",
      "a/b",
      "db/versions/",
      "db/versions/-1",
      "db/versions/1/x",
      "projects/p/secrets/s",
      "x".repeat(256),
    ])
      expect(await rejection(get(path))).toMatchObject({ code: "INVALID_NAME", reason: "path" });
    expect(fixture.double.requests.length).toBe(before);
  });

  test("of an answer about another secret: it is none of this store", async () => {
    fixture.double.override = ({ path }) =>
      path.endsWith(":access")
        ? { body: { name: "projects/1/secrets/other/versions/1", payload: { data: "" } } }
        : undefined;
    expect(await rejection(get("db"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });

  test("of an answer that has a key twice: readers differ in what they take of it", async () => {
    const body = '{"name":"projects/1/secrets/db/versions/1","payload":{"data":"czE=","data":"czI="}}';
    fixture.double.override = ({ path }) => (path.endsWith(":access") ? { body } : undefined);
    expect(await rejection(get("db"))).toMatchObject({ code: "INVALID_VALUE", reason: "duplicate-key" });
  });
});

describe("where secrets are", () => {
  test("is told where one is missing", () => {
    expect(provider.place?.("db")).toBe('secret "db" of projects/orders');
  });

  test("is the endpoint of the region for regional ones", async () => {
    const { double } = fixture;
    double.parent = "projects/orders/locations/europe-west3";
    const regional = await fixture.open({ location: "europe-west3" });
    expect(await contentOf(read(regional, "db"))).toBe("s3cret-fixture-3");
    double.parent = "projects/orders";
  });

  test.each([
    [{ project: "orders" }, "secretmanager.googleapis.com/v1/{+parent}"],
    [{ project: "orders", location: "europe-west3" }, "secretmanager.europe-west3.rep.googleapis.com/v1/{+parent}"],
  ])("for %j is %s", async (options, address) => {
    // Nothing is resolved: the proxy is this machine's, and closed.
    const parsed = await parseOptions(gcpSecretManager as never, { ...options, proxy: "http://127.0.0.1:1" });
    const environment = { GCE_METADATA_HOST: fixture.double.url.replace("http://", "") };
    const remote = openGcpSecretManagerProvider(parsed as never, fixture.host, environment);
    expect(await rejection(read(remote, "db"))).toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining(address),
    });
    await remote.close?.();
  });

  test("must be said", async () => {
    const parsed = await parseOptions(gcpSecretManager as never, {});
    expect(() => openGcpSecretManagerProvider(parsed as never, fixture.host, {})).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", reason: "project" }),
    );
    openGcpSecretManagerProvider(parsed as never, fixture.host, { GOOGLE_CLOUD_PROJECT: "orders" });
  });

  test.each([
    { location: "europe-west3.attacker.example/" },
    { location: "a@b" },
    { project: "../other" },
    { prefix: "ä" },
    { auth: { method: "credentials", credentials: "s3cret-fixture" } },
    { auth: { method: "metadata", serviceAccount: "../../email" } },
  ])("cannot be %j", async (options) => {
    await expect(parseOptions(gcpSecretManager as never, options)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });
});

describe("diagnose", () => {
  const found = async (subject: Provider): Promise<readonly Finding[]> => (await subject.diagnose?.(forever)) ?? [];

  test("tells who this process is, and the commands that grant what was asked for and no more", async () => {
    const { double } = fixture;
    const subject = await fixture.open();
    double.put("api", "s3cret-fixture");
    double.allows = (permission, name) => permission.endsWith(".access") && name === "db";
    await read(subject, "db");
    await rejection(read(subject, "api"));
    const findings = await found(subject);
    const command = (name: string) =>
      `gcloud secrets add-iam-policy-binding ${name} --project orders --member "serviceAccount:${double.account}" --role roles/secretmanager.secretAccessor`;
    expect(findings.filter(({ code }) => code !== "clock-skew" && code !== "service-account-token")).toEqual([
      { level: "info", code: "identity", message: `this process is serviceAccount:${double.account}` },
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

  test("tells of a name that the store cannot hold, and all the rest beside it", async () => {
    const subject = await fixture.open();
    await rejection(read(subject, "a.b"));
    await read(subject, "db");
    const findings = await found(subject);
    expect(findings).toContainEqual({
      level: "error",
      code: "name-invalid",
      message: '"a.b" is not a valid path of the store',
      tip: expect.stringContaining("letters, digits"),
    });
    expect(findings.find(({ code }) => code === "least-privilege")?.tip).toMatch(/^gcloud [^\n]* db [^\n]*$/);
  });

  test("tells of rights that nobody uses, and of a secret that is not there", async () => {
    const subject = await fixture.open();
    await read(subject, "db");
    await read(subject, "missing");
    const codes = (await found(subject)).map(({ code, message }) => `${code} ${message}`);
    expect(codes).toContainEqual(expect.stringMatching(/^right-needless .*"db".*secretmanager\.versions\.add/));
    expect(codes).toContainEqual(expect.stringMatching(/^secret-missing .*"missing"/));
  });
});

test("a client reads through it, and hears of a new version with the next poll", async () => {
  const { double, adapter, options, clock, host } = fixture;
  double.put("orders-db-primary", "s3cret-fixture-first");
  double.put("orders-db-primary", "s3cret-fixture-second");
  const secrets = createSecrets({
    declare: declareSecrets({ db: { ref: "db/primary" }, former: { ref: "db/primary@previous" } }),
    adapters: { "gcp-secret-manager": adapter },
    config: {
      providers: { gcp: { ...options, use: "gcp-secret-manager", prefix: "orders", pollInterval: "10s" } },
      routes: [{ match: "**", to: ["gcp"] }],
    },
    clock,
    random: host.random,
  });
  await secrets.ready();
  const reasons: string[] = [];
  secrets.watch("db").on("change", ({ reason }) => void reasons.push(reason));
  expect(secrets.latest("former").reveal()).toBe("s3cret-fixture-first");
  double.put("orders-db-primary", "s3cret-fixture-third");
  await passes(clock, () => secrets.latest("former").reveal() === "s3cret-fixture-second" && reasons.length > 0);
  expect(reasons).toEqual(["rotated"]);
  expect(secrets.latest("db").reveal()).toBe("s3cret-fixture-third");
  expect(secrets.latest("former").reveal()).toBe("s3cret-fixture-second");
  await secrets.close();
});
