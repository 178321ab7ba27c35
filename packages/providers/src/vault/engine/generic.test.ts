import type { Provider } from "@tacit/core/provider";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
import { refusedWith, replied } from "../../../test/vault/double/engine-call.ts";
import { type EngineFixture, leaseOf, openEngineFixture, readOk, textsOf } from "../../../test/vault/engine-fixture.ts";

let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await openEngineFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

describe("a generic mount", () => {
  const aws = { mounts: { aws: { engine: "generic", dynamic: true } } };
  const stored = { mounts: { nomad: { engine: "generic", dynamic: false } } };

  test("answers whatever the engine does, with its lease", async () => {
    const data = { access_key: "AKIAFIXTURE", secret_key: "s3cret-fixture", security_token: null, ttl: 12 };
    const lease = { lease_id: "aws/creds/app/1", lease_duration: 600, renewable: true };
    fixture.engines.others.set("aws/creds/app", () => replied(data, lease));
    const provider = await fixture.open(aws);
    const result = await readOk(provider, "aws/creds/app");
    expect(textsOf(result)).toEqual({ ...data, security_token: "null", ttl: "12" });
    expect(leaseOf(result)).toEqual({ id: "aws/creds/app/1", durationMs: 600_000, renewable: true });
  });

  test("is dynamic where it is declared so, and nowhere else", async () => {
    const both = { mounts: { ...aws.mounts, ...stored.mounts } };
    const provider = await fixture.open(both);
    expect(["aws/creds/app", "nomad/config/access", "awsome"].map((path) => provider.isDynamic?.(path))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("is not-modified where nothing is lent and the content is the same", async () => {
    fixture.engines.others.set("nomad/config/access", () => replied({ address: "a" }));
    const provider = await fixture.open(stored);
    const { version } = await readOk(provider, "nomad/config/access");
    const request = { path: "nomad/config/access", version: "current", ifVersion: version } as const;
    expect(await provider.get(request, fixture.context)).toEqual({ status: "not-modified", version });
  });

  test("that lends without having been declared dynamic keeps the lease, and warns", async () => {
    const lease = { lease_id: "nomad/creds/app/1", lease_duration: 60 };
    fixture.engines.others.set("nomad/creds/app", () => replied({ secret_id: "s3cret-fixture" }, lease));
    const provider = await fixture.open(stored);
    expect(leaseOf(await readOk(provider, "nomad/creds/app"))).toMatchObject({ id: "nomad/creds/app/1" });
    expect(fixture.host.warnings.map(({ code }) => code)).toEqual(["vault-undeclared-lease"]);
  });

  test.each([
    ["an empty 404", { status: 404, body: { errors: [] } }],
    ["an unknown role", refusedWith(400, 'Role "app" not found', { body: {} })],
  ])("has no secret after %s", async (_, reply) => {
    fixture.engines.others.set("aws/creds/app", () => reply);
    const provider = await fixture.open(aws);
    const result = await provider.get({ path: "aws/creds/app", version: "current" }, fixture.context);
    expect(result).toEqual({ status: "not-found", definitive: true });
  });

  test.each([
    ["a path that nobody serves", 404, "INVALID_CONFIG"],
    ["an operation that is not known", 405, "INVALID_CONFIG"],
    ["a request that is refused", 400, "INVALID_CONFIG"],
    ["a failure of what the engine asks", 500, "UNAVAILABLE"],
  ])("tells %s", async (_, status, code) => {
    fixture.engines.others.set("aws/creds/app", (call) => refusedWith(status, "s3cret-fixture", call));
    const provider = await fixture.open(aws);
    expect(await rejection(readOk(provider, "aws/creds/app"))).toMatchObject({ code });
  });

  test("must say whether it is dynamic", async () => {
    const open = fixture.open({ mounts: { aws: { engine: "generic" } } });
    expect(await rejection(open)).toMatchObject({ code: "INVALID_CONFIG" });
  });
});

describe("a cubbyhole", () => {
  const options = { mounts: { cubbyhole: { engine: "cubbyhole" } } };

  /** Once the provider has a token. */
  async function store(provider: Provider, path: string): Promise<void> {
    await provider.get({ path, version: "current" }, fixture.context);
    fixture.engines.cubbyholes.set(`${fixture.double.tokens.made.at(-1)} ${path}`, { password: "s3cret-fixture" });
  }

  test("is read with the token that it belongs to", async () => {
    const provider = await fixture.open(options);
    await store(provider, "cubbyhole/a/b");
    const result = await readOk(provider, "cubbyhole/a/b");
    expect(textsOf(result)).toEqual({ password: "s3cret-fixture" });
    const request = { path: "cubbyhole/a/b", version: "current", ifVersion: result.version } as const;
    expect(await provider.get(request, fixture.context)).toMatchObject({ status: "not-modified" });
    expect(provider.isDynamic?.("cubbyhole/a/b")).toBe(false);
  });

  test("is not taken for deleted where another token has none", async () => {
    const provider = await fixture.open(options);
    await store(provider, "cubbyhole/a");
    await readOk(provider, "cubbyhole/a");
    fixture.endTokens();
    const result = await provider.get({ path: "cubbyhole/a", version: "current" }, fixture.context);
    expect(result).toEqual({ status: "not-found", definitive: false });
  });
});
