import { expect, test } from "vitest";
import { openFixture, read, textOf } from "../../test/kubernetes/fixture.ts";

test("requests a token of the service account with the audiences and the lifetime of the options", async () => {
  await using fixture = await openFixture();
  const provider = await fixture.open({ token: { audiences: ["vault", "aws"], expiration: "10m" } });
  expect(await textOf(read(provider, "serviceaccount/app"))).toEqual({
    token: "s3cret-fixture-token-app-vault+aws-1",
  });
  expect(fixture.api.requests).toMatchObject([
    { method: "POST", resource: "serviceaccounts/token", namespace: "apps", name: "app" },
  ]);
  expect(fixture.api.tokenSeconds).toEqual([600]);
});

test("returns the expiry of the token, and a new token to each unconditional read", async () => {
  await using fixture = await openFixture();
  const provider = await fixture.open();
  const first = await read(provider, "billing/serviceaccount/app");
  expect(first).toMatchObject({ status: "ok", expiresAt: new Date("2026-01-01T01:00:00Z") });
  expect(await read(provider, "billing/serviceaccount/app")).not.toEqual(first);
  expect(fixture.api.requests.map(({ namespace }) => namespace)).toEqual(["billing", "billing"]);
});

test("does not replace a held token before three quarters of its lifetime have passed", async () => {
  await using fixture = await openFixture();
  const provider = await fixture.open();
  const first = await read(provider, "serviceaccount/app");
  if (first.status !== "ok") throw new Error("it is issued");
  const { version } = first;
  await fixture.clock.advance(44 * 60_000);
  expect(await read(provider, "serviceaccount/app", version)).toEqual({ status: "not-modified", version });
  expect(await read(provider, "serviceaccount/other", version)).toMatchObject({ status: "ok" });
  await fixture.clock.advance(60_000);
  expect(await read(provider, "serviceaccount/app", version)).toMatchObject({ status: "ok" });
  expect(await read(provider, "serviceaccount/app", version)).toMatchObject({ status: "ok" });
});

test("requests no audience if none is configured", async () => {
  await using fixture = await openFixture();
  await read(await fixture.open(), "serviceaccount/app");
  expect(fixture.api.requests[0]?.body).toMatchObject({ spec: { expirationSeconds: 3600 } });
  expect(JSON.stringify(fixture.api.requests[0]?.body)).not.toContain("audiences");
});

test("a missing service account is not found, and one that must not be used is a denial", async () => {
  await using fixture = await openFixture();
  const provider = await fixture.open();
  expect(await read(provider, "serviceaccount/absent")).toEqual({ status: "not-found", definitive: true });
  fixture.api.allows = () => false;
  await expect(read(provider, "serviceaccount/app")).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
    tip: expect.stringContaining('resources: ["serviceaccounts/token"], resourceNames: ["app"], verbs: ["create"]'),
  });
});

test.each([
  ["no status", "{}"],
  ["no token", '{"status":{"expirationTimestamp":"2026-01-01T01:00:00Z"}}'],
  ["no end", '{"status":{"token":"s3cret-fixture"}}'],
  ["an end that is none", '{"status":{"token":"s3cret-fixture","expirationTimestamp":"soon"}}'],
])("an answer with %s is INTERNAL, and quoted nowhere", async (_what, body) => {
  await using fixture = await openFixture();
  fixture.api.override = () => ({ status: 201, body });
  const error = await read(await fixture.open(), "serviceaccount/app").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  expect(String(error)).not.toContain("s3cret-fixture");
});

test.each(["9m", "25h", "600", "0s"])("the expiration %s is refused", async (expiration) => {
  await using fixture = await openFixture();
  await expect(fixture.open({ token: { expiration } })).rejects.toMatchObject({ code: "INVALID_CONFIG" });
});

test.each([-2, 2])(
  "a token is valid for its hour on a machine whose clock is %d hours ahead of the API server's",
  async (hours) => {
    await using fixture = await openFixture();
    const { api, clock } = fixture;
    api.now = () => clock.now() - hours * 3_600_000;
    const provider = await fixture.open();
    const first = await read(provider, "serviceaccount/app");
    if (first.status !== "ok") throw new Error("it is issued");
    expect(first.expiresAt?.getTime()).toBe(clock.now() + 3_600_000);
    await clock.advance(44 * 60_000);
    expect(await read(provider, "serviceaccount/app", first.version)).toMatchObject({ status: "not-modified" });
  },
);
