import { describe, expect, test } from "vitest";
import { advanceUntil, type ScriptedClientOptions, scriptedClient } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import type { SecretError } from "../error/secret-error.ts";

const minute = 60_000;

async function problemsOf(options: ScriptedClientOptions): Promise<readonly SecretError[]> {
  const { secrets } = scriptedClient(options);
  const error = await secrets.ready().catch((thrown: SecretError) => thrown);
  await secrets.close();
  return (error as SecretError | undefined)?.errors ?? [];
}

describe("a route", () => {
  test.each([
    ["db/main", "literal"],
    ["db/other", "prefix"],
    ["db/deep/er", "rest"],
    ["dbx", "rest"],
  ])("the longest literal prefix wins: %s goes to %s", async (name, expected) => {
    const { secrets, stores } = scriptedClient({
      stores: ["rest", "prefix", "literal"],
      config: {
        routes: [
          { match: "**", to: ["rest"] },
          { match: "db/*", to: ["prefix"] },
          { match: "db/main", to: ["literal"] },
        ],
      },
    });
    for (const [store, { set }] of Object.entries(stores).map(([id, one]) => [id, { set: one.set.bind(one) }] as const))
      set(name, store);
    expect((await secrets.getSecret(name)).reveal()).toBe(expected);
  });

  test("the order written decides between equally long prefixes", async () => {
    const { secrets, stores } = scriptedClient({
      stores: ["a", "b"],
      config: {
        routes: [
          { match: "db/*", to: ["b"] },
          { match: "db/**", to: ["a"] },
        ],
      },
    });
    for (const store of ["a", "b"]) stores[store]?.set("db/x", store);
    expect((await secrets.getSecret("db/x")).reveal()).toBe("b");
  });

  test("that no name matches is a problem of the configuration", async () => {
    const options = { stores: ["a"], config: { routes: [{ match: "db/**", to: ["a"] }] } };
    const { secrets, store } = scriptedClient(options);
    await expect(secrets.getSecret("mq")).rejects.toMatchObject({ code: "INVALID_CONFIG", reason: "no-route" });
    expect(store.reads).toHaveLength(0);
    const problems = await problemsOf({ ...options, declare: declareSecrets({ mq: { ref: "mq" } }) });
    expect(problems).toMatchObject([{ code: "INVALID_CONFIG", reason: "no-route", reference: "mq" }]);
  });

  test.each([
    ["prod/app", "prod/app/db"],
    ["prod/app/", "prod/app/db"],
    ["", "db"],
  ])("joins the prefix %j by exactly one slash", async (prefix, path) => {
    const { secrets, store } = scriptedClient({ stores: ["a"], providerOptions: { a: { prefix } } });
    store.set(path, "found");
    expect((await secrets.getSecret("db")).reveal()).toBe("found");
  });
});

describe("the allow-list", () => {
  test("denies every other name without a call", async () => {
    const { secrets, store } = scriptedClient({ stores: ["a"], config: { allow: ["db/**", "stripe/*"] } });
    store.set("db/main", "allowed");
    expect((await secrets.getSecret("db/main")).reveal()).toBe("allowed");
    for (const name of ["mq", "stripe", "stripe/a/b", "dbx/main"]) {
      await expect(secrets.getSecret(name)).rejects.toMatchObject({ code: "PERMISSION_DENIED", reason: "not-allowed" });
    }
    expect(store.reads).toHaveLength(1);
  });

  test("applies to the name that is asked for, bound or not", async () => {
    const { secrets, store } = scriptedClient({
      stores: ["a"],
      config: {
        allow: ["db"],
        bindings: { db: { provider: "a", path: "elsewhere" }, mq: { provider: "a", path: "m" } },
      },
    });
    store.set("elsewhere", "allowed");
    expect((await secrets.getSecret("db")).reveal()).toBe("allowed");
    await expect(secrets.getSecret("mq")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });
});

describe("a binding", () => {
  test("renames, beats routes, and selects before the reference does", async () => {
    const { secrets, store } = scriptedClient({
      stores: ["a"],
      config: { bindings: { "stripe/key": { provider: "a", path: "billing/stripe", select: "api_key" } } },
    });
    store.set("billing/stripe", { api_key: '{"live":"sk"}', other: "no" });
    expect((await secrets.getSecret("stripe/key")).reveal()).toBe('{"live":"sk"}');
    expect((await secrets.getSecret("stripe/key#live")).reveal()).toBe("sk");
    expect(store.reads.map(({ path }) => path)).toEqual(["billing/stripe"]);
  });

  test("takes no prefix: its path is the store's own", async () => {
    const { secrets, store } = scriptedClient({
      stores: ["a"],
      providerOptions: { a: { prefix: "prod" } },
      config: { bindings: { db: { provider: "a", path: "/exact" } } },
    });
    store.set("/exact", "found");
    expect((await secrets.getSecret("db")).reveal()).toBe("found");
  });

  test("pins a raw version id", async () => {
    const { secrets, store } = scriptedClient({
      stores: ["a"],
      config: { bindings: { db: { provider: "a", path: "db", version: "7" } } },
    });
    store.set("db", "seventh", { version: "7" });
    store.set("db", "eighth", { version: "8" });
    expect((await secrets.getSecret("db")).reveal()).toBe("seventh");
  });
});

describe("a composed binding", () => {
  const bindings = {
    mq: {
      fields: {
        user: { provider: "env", path: "MQ_USER" },
        password: { provider: "mount", path: "mq", select: "pass" },
        host: { provider: "mount", path: "mq", select: "host" },
        vhost: { provider: "env", path: "MQ_VHOST", optional: true },
      },
    },
  };
  const options = { stores: ["env", "mount"], config: { bindings } };
  const asMq = object(["user", "password", "host"]);

  function filled(extra: Partial<ScriptedClientOptions> = {}) {
    const client = scriptedClient({ ...options, ...extra });
    const { env, mount } = client.stores;
    if (env === undefined || mount === undefined) throw new Error("two stores are made");
    env.set("MQ_USER", "app", { version: "e1", createdAt: new Date(1_000) });
    mount.set("mq", { pass: "p1", host: "h1" }, { version: "m1", createdAt: new Date(2_000) });
    return { ...client, env, mount };
  }

  test("joins fields of several stores, their versions, providers and the earliest expiry", async () => {
    const { secrets, clock, mount, env } = filled();
    const [early, late] = [new Date(clock.now() + minute), new Date(clock.now() + 2 * minute)];
    env.set("MQ_USER", "app", { version: "e2", expiresAt: late });
    mount.set("mq", { pass: "p1", host: "h1" }, { version: "m2", expiresAt: early });
    const { meta, reveal } = await secrets.getSecret("mq", asMq);
    expect(reveal).toBeTypeOf("function");
    expect((await secrets.getSecret("mq", object(["user", "password", "host"]))).reveal()).toEqual({
      user: "app",
      password: "p1",
      host: "h1",
    });
    expect(meta).toMatchObject({ composite: true, version: "e2+m2", provider: "env+mount", expiresAt: early });
  });

  test("reads each physical secret once, so that its fields come from one version", async () => {
    const { secrets, mount, env } = filled();
    await secrets.getSecret("mq", asMq);
    expect([mount.reads.length, env.readsOf("MQ_USER").length]).toEqual([1, 1]);
  });

  test("never mixes two versions of one physical secret while it rotates", async () => {
    const declare = declareSecrets({ mq: { ref: "mq", as: asMq } });
    const { secrets, clock, mount } = filled({ declare });
    mount.latencyMs = 30;
    await advanceUntil(clock, secrets.ready());
    for (let generation = 2; generation < 60; generation += 1) {
      mount.set("mq", { pass: `p${generation}`, host: `h${generation}` });
      await clock.advance(17_000);
      const { password, host } = (secrets.latest("mq" as never) as { reveal(): Record<string, string> }).reveal();
      expect(password?.slice(1)).toBe(host?.slice(1));
    }
  });

  test("is one change when a read finds several parts changed", async () => {
    const declare = declareSecrets({ mq: { ref: "mq", as: asMq } });
    const { secrets, clock, mount, env, eventsOf } = filled({ declare });
    await secrets.ready();
    mount.latencyMs = 300;
    env.set("MQ_USER", "second");
    mount.set("mq", { pass: "p2", host: "h2" });
    await advanceUntil(clock, secrets.getSecret("mq", { freshness: "fresh" }));
    expect(eventsOf("change").map(({ reason }) => reason)).toEqual(["initial", "rotated"]);
  });

  test("all required parts missing is NOT_FOUND", async () => {
    const { secrets, mount, env } = filled();
    mount.remove("mq");
    env.remove("MQ_USER");
    env.set("MQ_VHOST", "optional");
    await expect(secrets.getSecret("mq", asMq)).rejects.toMatchObject({ code: "NOT_FOUND", definitive: true });
  });

  test("some required parts missing is INVALID_VALUE and names them", async () => {
    const { secrets, env } = filled();
    env.remove("MQ_USER");
    const error = await secrets.getSecret("mq", asMq).catch((thrown: SecretError) => thrown);
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "field-missing" });
    expect((error as SecretError).message).toMatch(/some do not exist: user: no "MQ_USER" \(provider "env"\)$/);
  });

  test("a missing part is reported by its variable or path, not by the fields of the whole", async () => {
    const whole = [{ message: expect.not.stringContaining("of the whole") }, "NOT_FOUND"] as const;
    const some = [{ message: expect.stringContaining('user: no variable MQ_USER (provider "env")') }, "INVALID_VALUE"];
    for (const [problem, code] of [whole, some]) {
      const { secrets, mount, env } = filled();
      env.place = (path, fields) => `variable ${path}${fields === undefined ? "" : " of the whole"}`;
      env.remove("MQ_USER");
      if (code === "NOT_FOUND") mount.remove("mq");
      await expect(secrets.getSecret("mq", asMq)).rejects.toMatchObject({ ...(problem as object), code });
    }
  });

  test("an optional part may be missing, and is there when it exists", async () => {
    const { secrets, env } = filled();
    const as = object(["user"]);
    expect(Object.keys((await secrets.getSecret("mq", bytesOfFields())).reveal() as object)).not.toContain("vhost");
    env.set("MQ_VHOST", "v");
    expect((await secrets.getSecret("mq#vhost", { freshness: "fresh" })).reveal()).toBe("v");
    expect((await secrets.getSecret("mq", as)).reveal()).toEqual({ user: "app" });
  });

  test("a part that fails fails the whole, which then serves its last good value", async () => {
    const declare = declareSecrets({ mq: { ref: "mq", as: asMq } });
    const { secrets, clock, mount } = filled({ declare });
    await secrets.ready();
    mount.fail("UNAVAILABLE");
    await clock.advance(5 * minute);
    expect(secrets.health().secrets).toMatchObject([{ state: "stale", code: "UNAVAILABLE" }]);
    expect((secrets.latest("mq" as never) as { reveal(): unknown }).reveal()).toMatchObject({ password: "p1" });
  });

  test("unchanged parts confirm it: maxStale counts from the last good poll", async () => {
    const declare = declareSecrets({ mq: { ref: "mq", as: asMq } });
    const { secrets, clock, mount } = filled({ declare, config: { bindings, cache: { maxStale: "10m" } } });
    await secrets.ready();
    await clock.advance(60 * minute);
    mount.fail("UNAVAILABLE");
    await clock.advance(8 * minute);
    expect((secrets.latest("mq" as never) as { reveal(): unknown }).reveal()).toMatchObject({ password: "p1" });
  });

  test("@previous of it is UNSUPPORTED", async () => {
    const { secrets } = filled();
    await expect(secrets.getSecret("mq@previous", asMq)).rejects.toMatchObject({
      code: "UNSUPPORTED",
      reason: "composite",
    });
  });

  test("a part with several fields and no `select` says what to add", async () => {
    const { secrets, stores } = scriptedClient({
      stores: ["a"],
      config: { bindings: { mq: { fields: { user: { provider: "a", path: "mq" } } } } },
    });
    stores.a?.set("mq", { one: "s3cret-fixture", two: "2" });
    const error = (await secrets.getSecret("mq", asMq).catch((thrown) => thrown)) as SecretError;
    expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "fields-not-value" });
    expect(error.tip).toContain("one, two");
    expect(JSON.stringify(error)).not.toContain("s3cret-fixture");
  });

  function bytesOfFields() {
    return object({
      "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: value as object }) },
    });
  }
});

describe("faults that are detectable only at ready()", () => {
  test("two declared names that a store reads at one path", async () => {
    const { secrets, store } = scriptedClient({
      stores: ["a"],
      declare: declareSecrets({ one: { ref: "db-primary" }, two: { ref: "db/primary" } }),
    });
    const adapter = store.adapter();
    await secrets.close();
    const flat = { ...adapter, toPath: (name: string) => name.replaceAll("/", "-") };
    const { createSecrets } = await import("../client/secrets.ts");
    const client = createSecrets({
      declare: declareSecrets({ one: { ref: "db-primary" }, two: { ref: "db/primary" } }),
      adapters: { flat },
      config: { providers: { k8s: { use: "flat" } }, routes: [{ match: "**", to: ["k8s"] }] },
    });
    const error = await client.ready().catch((thrown: SecretError) => thrown);
    expect((error as SecretError).errors).toMatchObject([{ code: "INVALID_CONFIG", reason: "collision" }]);
    await client.close();
  });

  test("bindings may share a path on purpose", async () => {
    const { secrets, store } = scriptedClient({
      stores: ["a"],
      declare: declareSecrets({ one: { ref: "one" }, two: { ref: "two" } }),
      config: { bindings: { one: { provider: "a", path: "both" }, two: { provider: "a", path: "both" } } },
    });
    store.set("both", "shared");
    await secrets.ready();
    expect(store.reads).toHaveLength(1);
  });

  test("every routed provider is opened, fallbacks too", async () => {
    const { secrets, stores } = scriptedClient({
      stores: ["a", "b", "unused"],
      config: { routes: [{ match: "**", to: ["a", "b"] }] },
      declare: declareSecrets({ db: { ref: "db" } }),
    });
    stores.a?.set("db", "one");
    await secrets.ready();
    expect([stores.a?.openings, stores.b?.openings, stores.unused?.openings]).toEqual([1, 1, 0]);
    await secrets.close();
    expect([stores.a?.closings, stores.b?.closings, stores.unused?.closings]).toEqual([1, 1, 0]);
  });
});
