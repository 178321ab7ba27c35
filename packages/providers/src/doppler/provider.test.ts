import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type DopplerDouble, openFixture } from "../../test/doppler/double.ts";
import { contentOf, forever, read, rejection, type StoreFixture } from "../../test/store-fixture.ts";
import { toSecretName } from "./name.ts";

let fixture: StoreFixture<DopplerDouble>;
beforeEach(async () => {
  fixture = await openFixture();
  fixture.double.secrets.set("DB", "s3cret-fixture-1").set("OTHER", "s3cret-fixture-2");
});
afterEach(() => fixture[Symbol.asyncDispose]());

test("a poll costs a 304 until something in the config changes, and only the changed secret is new", async () => {
  const provider = await fixture.open();
  const result = await read(provider, "DB");
  const version = result.status === "ok" ? result.version : "";
  expect(await read(provider, "DB", version)).toEqual({ status: "not-modified", version });
  expect(fixture.double.requests.at(-1)?.headers["if-none-match"]).toMatch(/^W\//);
  fixture.double.secrets.set("OTHER", "s3cret-fixture-3");
  expect(await read(provider, "DB", version)).toEqual({ status: "not-modified", version });
  fixture.double.secrets.set("DB", "s3cret-fixture-4");
  expect(await contentOf(read(provider, "DB", version))).toBe("s3cret-fixture-4");
});

test("the ETag of one config is not asked for with the token of another one", async () => {
  const { double } = fixture;
  const provider = await fixture.open();
  const result = await read(provider, "DB");
  const version = result.status === "ok" ? result.version : "";
  double.expireLogins();
  fixture.file("token", double.token);
  expect(await read(provider, "DB", version)).toEqual({ status: "not-modified", version });
  expect(double.requests.at(-1)?.headers["if-none-match"]).toBeUndefined();
  expect(await read(provider, "DB", version)).toEqual({ status: "not-modified", version });
  expect(double.requests.at(-1)?.headers["if-none-match"]).toBeDefined();
});

test("the answer of another config than the one that was asked for is not taken", async () => {
  fixture.double.override = () => ({
    body: { DOPPLER_PROJECT: "orders", DOPPLER_CONFIG: "dev", DB: "s3cret-fixture" },
  });
  const provider = await fixture.open({ project: "orders", config: "prd" });
  expect(await rejection(read(provider, "DB"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
});

test.each(['{"success":false,"messages":["s3cret-fixture"]}', "{}", '{"A":{"computed":"s3cret-fixture"}}'])(
  "an answer without the secret that is no config is not taken for a missing secret: %s",
  async (body) => {
    fixture.double.override = () => ({ body });
    const provider = await fixture.open();
    const error = await rejection(read(provider, "DB"));
    expect(error).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    expect(String(error)).not.toContain("s3cret-fixture");
  },
);

test("a secret that a config has twice is INVALID_VALUE, and no other is", async () => {
  fixture.double.override = () => ({
    body: '{"DB":"s3cret-fixture-1","OTHER":"s3cret-fixture","DB":"s3cret-fixture-2"}',
  });
  const provider = await fixture.open();
  const error = await rejection(read(provider, "DB"));
  expect(await contentOf(read(provider, "OTHER"))).toBe("s3cret-fixture");
  expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "duplicate-key" });
});

test("project and config are asked for where they are given, and a wrong one is a mistake of the document", async () => {
  await read(await fixture.open({ project: "orders", config: "prd" }), "DB");
  expect(fixture.double.requests.at(-1)?.query).toEqual({ format: "json", project: "orders", config: "prd" });
  const wrong = read(await fixture.open({ project: "orders", config: "dev" }), "DB");
  expect(await rejection(wrong)).toMatchObject({ code: "INVALID_CONFIG", reason: "no-store" });
  expect(await rejection(fixture.open({ project: "orders" }))).toMatchObject({ code: "INVALID_CONFIG" });
});

test("a JWT of the platform becomes a token, which is replaced before its end", async () => {
  const { double, clock, host } = fixture;
  const auth = { method: "oidc", identity: "id-1", token: { $file: fixture.file("jwt", double.jwt) } };
  const provider = await fixture.open({ auth });
  const logins = (): number => double.count(({ path }) => path === "/v3/auth/oidc");
  expect(await contentOf(read(provider, "DB"))).toBe("s3cret-fixture-1");
  await read(provider, "OTHER");
  expect(logins()).toBe(1);
  expect(host.protected.map(({ value }) => value)).toContain(double.token);
  await clock.advance(double.lifeMs * 0.7);
  await double.until(() => logins() === 2);
  fixture.file("jwt", "s3cret-fixture-of-another-issuer");
  double.expireLogins();
  expect(await rejection(read(provider, "DB"))).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
});

test("diagnose tells whose token it is", async () => {
  const provider = await fixture.open();
  const identity = {
    level: "info",
    code: "identity",
    message: 'Doppler identifies this login as service_token "orders"',
  };
  expect(await provider.diagnose?.(forever)).toEqual([identity]);
  fixture.double.type = "personal";
  expect((await provider.diagnose?.(forever))?.map(({ code }) => code)).toEqual(["identity", "personal-login"]);
  fixture.double.override = () => ({ body: { type: "service_token", name: "orders\u001b[2J" } });
  expect((await provider.diagnose?.(forever))?.[0]?.message).toContain('"orders\\u001b[2J"');
});

test("a config is parsed once, however many of its secrets are taken of it", async () => {
  const provider = await fixture.open();
  const parse = vi.spyOn(JSON, "parse");
  const requests = ["DB", "OTHER", "GONE"].map((path) => ({ path, version: "current" as const }));
  const members = (await provider.getMany?.(requests, forever)) ?? [];
  const configs = parse.mock.calls.filter(([text]) => String(text).startsWith('{"DOPPLER_CONFIG"'));
  parse.mockRestore();
  expect(members.map((member) => "status" in member && member.status)).toEqual(["ok", "ok", "not-found"]);
  expect(configs).toHaveLength(1);
});

test("diagnose knows the secrets that were asked for together", async () => {
  const provider = await fixture.open();
  const requests = ["DB", "GONE", "a-b"].map((path) => ({ path, version: "current" as const }));
  await provider.getMany?.(requests, forever);
  const codes = (await provider.diagnose?.(forever))?.map(({ code }) => code);
  expect(codes).toEqual(["identity", "name-invalid", "secret-missing"]);
});

test.each([
  ["db/primary", undefined, "DB_PRIMARY"],
  ["db/primary", "ORDERS_", "ORDERS_DB_PRIMARY"],
])("the name %s with the prefix %s is %s", (name, prefix, secret) => {
  expect(toSecretName(name, prefix)).toBe(secret);
});

test("a name that would begin with a digit is refused", () => {
  expect(() => toSecretName("1st")).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
});
