import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type InfisicalDouble, openFixture } from "../../test/infisical/double.ts";
import { contentOf, forever, read, rejection, type StoreFixture } from "../../test/store-fixture.ts";

let fixture: StoreFixture<InfisicalDouble>;
beforeEach(async () => {
  fixture = await openFixture();
  fixture.double.secrets.set("/orders/DB", ["s3cret-fixture-1", "s3cret-fixture-2"]);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const logins = (): number => fixture.double.count(({ path }) => path.includes("/auth/"));

test("a secret is asked for by its folder, with its references resolved and imports looked into", async () => {
  const provider = await fixture.open({ prefix: "orders" });
  expect(await contentOf(read(provider, "orders/DB"))).toBe("s3cret-fixture-2");
  expect(fixture.double.requests.at(-1)).toMatchObject({
    path: "/api/v3/secrets/raw/DB",
    query: {
      workspaceId: "p-1",
      environment: "prod",
      secretPath: "/orders",
      viewSecretValue: "true",
      expandSecretReferences: "true",
      include_imports: "true",
      includeImports: "true",
    },
  });
  expect(await read(provider, "orders/DB")).toMatchObject({ createdAt: new Date("2026-01-02T03:04:05Z") });
});

test("a secret that was made anew is another version, and its former ones are gone", async () => {
  const provider = await fixture.open();
  fixture.double.secrets.set("/A", ["s3cret-fixture-former"]);
  const former = await read(provider, "A");
  fixture.double.secrets.set("/A", ["s3cret-fixture-latter"]);
  const id = former.status === "ok" ? former.version : "";
  expect(await contentOf(read(provider, "A", id))).toBe("s3cret-fixture-latter");
  const request = { path: "A", version: { id } };
  expect(await provider.get(request, forever)).toEqual({ status: "not-found", definitive: true });
});

test.each([{ secretValueHidden: true }, { secretValueHidden: "true" }, { secretValue: "<hidden-by-infisical>" }])(
  "a value that is hidden is a missing right, not a value: %j",
  async (told) => {
    const provider = await fixture.open();
    await read(provider, "orders/DB");
    const secret = { secretKey: "DB", version: 1, secretValue: "s3cret-fixture", ...told };
    fixture.double.override = () => ({ body: { secret } });
    expect(await rejection(read(provider, "orders/DB"))).toMatchObject({ code: "PERMISSION_DENIED", reason: "policy" });
  },
);

test.each([-1, 1.5, 1e300, "1"])(
  "an answer with the version %j, which cannot be asked for, is none",
  async (version) => {
    const provider = await fixture.open();
    await read(provider, "orders/DB");
    fixture.double.override = () => ({ body: { secret: { secretKey: "DB", version, secretValue: "s3cret-fixture" } } });
    expect(await rejection(read(provider, "orders/DB"))).toMatchObject({
      code: "INTERNAL",
      reason: "malformed-answer",
    });
  },
);

test("an answer about another secret is none", async () => {
  const provider = await fixture.open();
  await read(provider, "orders/DB");
  fixture.double.override = () => ({
    body: { secret: { secretKey: "OTHER", version: 1, secretValue: "s3cret-fixture" } },
  });
  expect(await rejection(read(provider, "orders/DB"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
});

test.each([
  [
    "orders/DB",
    '{"secret":{"secretKey":"DB","version":1,"secretValue":"s3cret-fixture","secretValue":"s3cret-fixture-2"}}',
  ],
  [
    "dynamic/orders/db",
    '{"lease":{"id":"1","expireAt":"2099-01-01T00:00:00Z"},"data":{"KEY":"s3cret-fixture","KEY":"s3cret-fixture-2"}}',
  ],
])("an answer to %s that has a key twice is INVALID_VALUE", async (path, body) => {
  const provider = await fixture.open({ projectSlug: "orders" });
  fixture.double.override = (request) => (request.path.includes("/auth/") ? undefined : { body });
  expect(await rejection(read(provider, path))).toMatchObject({ code: "INVALID_VALUE", reason: "duplicate-key" });
});

test.each([[{ project: "p-2" }], [{ environment: "dev" }]])(
  "a place that is not there is a mistake of the document: %j",
  async (options) => {
    const error = await rejection(read(await fixture.open(options), "orders/DB"));
    expect(error).toMatchObject({ code: "INVALID_CONFIG", reason: "no-store" });
  },
);

describe("machine identities", () => {
  test("a token from outside is sent as it is", async () => {
    fixture.double.tokens.add("s3cret-fixture-outside");
    const auth = { method: "token", token: { $file: fixture.file("token", "s3cret-fixture-outside") } };
    expect(await contentOf(read(await fixture.open({ auth }), "orders/DB"))).toBe("s3cret-fixture-2");
    expect(logins()).toBe(0);
  });

  test("a token that is told as ended is replaced, once", async () => {
    const provider = await fixture.open();
    await read(provider, "orders/DB");
    fixture.double.expireLogins();
    expect(await contentOf(read(provider, "orders/DB"))).toBe("s3cret-fixture-2");
    expect(logins()).toBe(2);
  });

  test("a token is replaced before its end, whoever asks", async () => {
    const { double, clock } = fixture;
    const provider = await fixture.open();
    await Promise.all([read(provider, "orders/DB"), read(provider, "orders/DB")]);
    expect(logins()).toBe(1);
    await clock.advance(7_200_000 * 0.6);
    await double.until(() => logins() === 2);
  });
});

describe("a dynamic secret", () => {
  beforeEach(() => fixture.double.dynamic.set("/orders/db", 60_000));

  test("is leased, renewed by what the server grants, and ended", async () => {
    const { double, clock } = fixture;
    double.now = () => clock.now() + 3_600_000;
    const provider = await fixture.open({ projectSlug: "orders" });
    const result = await read(provider, "dynamic/orders/db");
    if (result.status !== "ok" || result.lease === undefined) throw new Error("no lease");
    expect(await contentOf(Promise.resolve(result))).toMatchObject({ DB_PASSWORD: expect.stringContaining("s3cret") });
    expect(result.lease).toMatchObject({ durationMs: 60_000, renewable: true });
    expect(await provider.renew?.(result.lease, forever)).toEqual({ ...result.lease, durationMs: 600_000 });
    double.longestMs = 0;
    expect(await rejection(provider.renew?.(result.lease, forever) ?? Promise.resolve())).toMatchObject({
      code: "UNSUPPORTED",
      reason: "not-renewable",
    });
    double.override = () => ({ status: 400, headers: { "content-type": "text/plain" }, body: "Bad Request" });
    const byProxy = provider.renew?.(result.lease, forever) ?? Promise.resolve();
    expect(await rejection(byProxy)).toMatchObject({ code: "INTERNAL", reason: "unexpected-status" });
    double.override = () => undefined;
    await provider.revoke?.(result.lease, forever);
    expect(double.leases.size).toBe(0);
  });

  test("needs the slug of the project", async () => {
    const provider = await fixture.open();
    expect(provider.isDynamic?.("dynamic/orders/db")).toBe(true);
    expect(await rejection(read(provider, "dynamic/orders/db"))).toMatchObject({ code: "INVALID_CONFIG" });
  });

  test("is not issued by diagnose", async () => {
    const provider = await fixture.open({ projectSlug: "orders" });
    await read(provider, "dynamic/orders/db");
    await read(provider, "orders/GONE");
    expect((await provider.diagnose?.(forever))?.map(({ code }) => code)).toEqual(["secret-missing"]);
    expect(fixture.double.leases.size).toBe(1);
  });
});
