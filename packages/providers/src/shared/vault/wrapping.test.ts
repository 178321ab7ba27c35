import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
import { replied } from "../../../test/vault/double/engine-call.ts";
import { type EngineFixture, leaseOf, openEngineFixture, readOk, textsOf } from "../../../test/vault/engine-fixture.ts";
import { createVaultApi } from "./api.ts";
import { Unwrapper, type UnwrapRefusal } from "./wrapping.ts";

const creationPath = "kv/data/bootstrap";
const path = "wrapped/bootstrap";
const content = replied({ password: "s3cret-fixture" });
let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await openEngineFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

function options(its: object = {}): Record<string, unknown> {
  return { wrapped: [{ name: "bootstrap", token: { $secret: "wrapping" }, creationPath, ...its }] };
}

/** Wraps a response and writes its token into the configured source. */
function deliver(reply = content, madeAt = creationPath): string {
  const token = fixture.engines.wrapping.wrap(madeAt, reply);
  fixture.credentials.set("wrapping", token);
  return token;
}

describe("a wrapped secret", () => {
  test("is looked up and then unwrapped, without a login", async () => {
    const token = deliver();
    const provider = await fixture.open(options());
    expect(textsOf(await readOk(provider, path))).toEqual({ password: "s3cret-fixture" });
    expect(fixture.asked()).toEqual(["sys/wrapping/lookup", "sys/wrapping/unwrap"]);
    expect(fixture.double.requests.map((call) => [call.token, call.body])).toEqual([
      [undefined, { token }],
      [token, {}],
    ]);
    expect(fixture.host.protected).toContainEqual({ value: Buffer.from(token), name: "vault wrapping token" });
  });

  test("of KV version 2 contains only its data", async () => {
    deliver(replied({ data: { password: "s3cret-fixture" }, metadata: { version: 3 } }));
    const provider = await fixture.open(options({ engine: "kv-v2" }));
    expect(textsOf(await readOk(provider, path))).toEqual({ password: "s3cret-fixture" });
  });

  test("keeps the lease of the wrapped response", async () => {
    deliver(replied({ username: "app" }, { lease_id: "database/creds/app/1", lease_duration: 60, renewable: true }));
    const provider = await fixture.open(options());
    const lease = leaseOf(await readOk(provider, path));
    expect(lease).toEqual({ id: "database/creds/app/1", durationMs: 60_000, renewable: true });
  });

  test("is dynamic, since each read uses another token", async () => {
    const provider = await fixture.open(options());
    expect(provider.isDynamic?.(path)).toBe(true);
    for (const round of [1, 2]) {
      deliver(replied({ password: `s3cret-fixture-${round}` }));
      expect(textsOf(await readOk(provider, path))).toEqual({ password: `s3cret-fixture-${round}` });
    }
  });

  test("that is not declared is refused before any request, as is a version", async () => {
    const provider = await fixture.open(options());
    const { context } = fixture;
    const other = provider.get({ path: "wrapped/other", version: "current" }, context);
    expect(await rejection(other)).toMatchObject({ code: "INVALID_NAME", reason: "undeclared" });
    expect(await rejection(provider.get({ path, version: "previous" }, context))).toMatchObject({
      code: "UNSUPPORTED",
    });
    expect(fixture.asked()).toEqual([]);
  });

  test("whose content is not an object is refused", async () => {
    deliver(replied(null));
    const provider = await fixture.open(options());
    expect(await rejection(readOk(provider, path))).toMatchObject({ reason: "malformed-answer" });
  });

  test.each([
    [{ creationPath: "" }],
    [{ creationPath: undefined }],
    [{ name: "a/b" }],
    [{ token: undefined }],
    [{ engine: "kv-v1" }],
  ])("cannot be declared with %j", async (its) => {
    expect(await rejection(fixture.open(options(its)))).toMatchObject({ code: "INVALID_CONFIG" });
  });
});

test("a mount with the prefix of wrapped secrets is refused", async () => {
  const open = fixture.open({ mounts: { wrapped: { engine: "cubbyhole" } } });
  expect(await rejection(open)).toMatchObject({ code: "INVALID_CONFIG" });
});

describe.each<UnwrapRefusal>(["UNAUTHENTICATED", "PERMISSION_DENIED"])("an unwrapping whose refusal is %s", (code) => {
  function unwrapping(unwrapper = new Unwrapper(code)): Promise<unknown> {
    const { host, url, context } = fixture;
    const api = createVaultApi({ url, redirects: [] }, host);
    const wrapped = { token: { $secret: "wrapping" }, creationPath };
    return unwrapper.unwrap(wrapped, { api, host, signal: context.signal }).finally(() => api.close());
  }

  test("reports an interception if someone else has used the token", async () => {
    fixture.engines.wrapping.answer({ method: "POST", path: "sys/wrapping/unwrap", token: deliver(), body: {} });
    expect(await rejection(unwrapping())).toMatchObject({
      code,
      reason: "wrapping-token-spent",
      tip: expect.stringContaining("stolen"),
    });
    expect(fixture.asked()).toEqual(["sys/wrapping/lookup"]);
  });

  test("reports an interception between lookup and unwrap", async () => {
    const token = deliver();
    fixture.double.override = (call) => {
      const steal = { method: "POST", path: "sys/wrapping/unwrap", token, body: {} };
      if (call.path === "sys/wrapping/unwrap") fixture.engines.wrapping.answer(steal);
      return undefined;
    };
    expect(await rejection(unwrapping())).toMatchObject({ code, reason: "wrapping-token-spent" });
  });

  test.each([
    ["a line end of Windows", "", "\r\n"],
    ["a byte order mark", "\uFEFF", ""],
    ["blanks", "  ", " \n\n"],
  ])("accepts %s around the token", async (_what, before, after) => {
    const token = deliver();
    fixture.credentials.set("wrapping", `${before}${token}${after}`);
    await unwrapping();
    expect(fixture.double.requests.map((call) => [call.token, call.body])).toEqual([
      [undefined, { token }],
      [token, {}],
    ]);
    expect(fixture.host.protected).toContainEqual({ value: Buffer.from(token), name: "vault wrapping token" });
  });

  test("does not use a token whose response was created by another path", async () => {
    deliver(content, "auth/approle/role/other/secret-id");
    expect(await rejection(unwrapping())).toMatchObject({ code, reason: "wrapping-path" });
    expect(fixture.asked()).toEqual(["sys/wrapping/lookup"]);
  });

  test.each([undefined, 5, "", "kv/data", "kv/data/bootstrap2", "KV/data/bootstrap"])(
    "accepts no other creation path: %j",
    async (found) => {
      deliver();
      fixture.double.override = ({ path: where }) =>
        where === "sys/wrapping/lookup" ? replied({ creation_path: found }) : undefined;
      expect(await rejection(unwrapping())).toMatchObject({ code, reason: "wrapping-path" });
    },
  );

  test("reports its own second use as such, not as an interception", async () => {
    const unwrapper = new Unwrapper(code);
    deliver();
    await unwrapping(unwrapper);
    expect(await rejection(unwrapping(unwrapper))).toMatchObject({ code, reason: "wrapping-token-used" });
  });

  test("called twice concurrently unwraps once, without reporting an interception", async () => {
    const unwrapper = new Unwrapper(code);
    deliver();
    const outcomes = await Promise.allSettled([unwrapping(unwrapper), unwrapping(unwrapper)]);
    const refused = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason);
    expect(refused).toMatchObject([{ code, reason: "wrapping-token-used" }]);
  });

  test("whose response was lost is not reported as an interception", async () => {
    const unwrapper = new Unwrapper(code);
    deliver();
    fixture.double.loses = ({ path: where }) => where === "sys/wrapping/unwrap";
    expect(await rejection(unwrapping(unwrapper))).toMatchObject({ code: "UNAVAILABLE" });
    fixture.double.loses = () => false;
    expect(await rejection(unwrapping(unwrapper))).toMatchObject({ code, reason: "wrapping-token-used" });
  });

  test("that did not reach Vault can be repeated", async () => {
    const unwrapper = new Unwrapper(code);
    deliver();
    fixture.double.override = () => ({ status: 503, body: { errors: ["Vault is sealed"] } });
    expect(await rejection(unwrapping(unwrapper))).toMatchObject({ code: "UNAVAILABLE", reason: "sealed" });
    fixture.double.override = () => undefined;
    await unwrapping(unwrapper);
  });
});
