import { describe, expect, test } from "vitest";
import { advanceUntil, latest, type ScriptedClientOptions, scriptedClient } from "../../test/scripted-client.ts";
import type { ScriptedStore } from "../../test/scripted-store.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { SecretError } from "../error/secret-error.ts";

const minute = 60_000;

describe("a credential that another provider holds", () => {
  const withToken = (config: object = {}, stores: readonly string[] = ["remote", "mount"]) =>
    scriptedClient({
      stores,
      providerOptions: { remote: { token: { $secret: "tokens/remote#value" } } },
      config: {
        routes: [
          { match: "**", to: ["remote"] },
          { match: "tokens/**", to: ["mount"] },
        ],
        ...config,
      },
    });

  test("reaches the adapter as its source and is read again at each use, through the cache", async () => {
    const { secrets, stores, clock } = withToken();
    const { remote, mount } = stores;
    if (remote === undefined || mount === undefined) throw new Error("two stores are made");
    remote.set("db", "one");
    mount.set("tokens/remote", { value: "token one" });
    await secrets.getSecret("db");
    const { token } = remote.options as { token: { $secret: string } };
    expect(token).toEqual({ $secret: "tokens/remote#value" });
    const read = async () => Buffer.from((await remote.host?.credential(token)) ?? []).toString();
    expect(await read()).toBe("token one");
    mount.set("tokens/remote", { value: "token two" });
    await clock.advance(6 * minute);
    expect(await read()).toBe("token two");
  });

  /** A store `remote`, opened, whose token another store, `mount`, holds. */
  async function opened(subscribe: false | "local", options: Partial<ScriptedClientOptions> = {}) {
    const { secrets, stores, clock } = scriptedClient({
      stores: ["remote", "mount"],
      providerOptions: { remote: { token: { $secret: "token" } } },
      config: {
        routes: [
          { match: "**", to: ["remote"] },
          { match: "token", to: ["mount"] },
        ],
      },
      ...options,
    });
    const { remote, mount } = stores as { readonly remote: ScriptedStore; readonly mount: ScriptedStore };
    mount.supports = { ...mount.supports, subscribe, defaultPollMs: 60 * minute };
    mount.set("token", "t0ken-fixture-one");
    remote.set("db", "one");
    await secrets.getSecret("db");
    const read = async (): Promise<Uint8Array> => (await remote.host?.credential({ $secret: "token" })) as Uint8Array;
    return { secrets, remote, mount, clock, read, text: async () => Buffer.from(await read()).toString() };
  }

  test("is pushed from its first use on", async () => {
    const { secrets, mount, clock, text } = await opened("local");
    expect(await text()).toBe("t0ken-fixture-one");
    mount.set("token", "t0ken-fixture-two");
    mount.hint("token");
    await clock.flush();
    expect(await text()).toBe("t0ken-fixture-two");
    await secrets.close();
    expect(mount.hints.get("token")?.size).toBe(0);
  });

  test("is polled from its first use on", async () => {
    const { mount, clock, text } = await opened(false);
    await text();
    mount.set("token", "t0ken-fixture-two");
    await clock.advance(70 * minute);
    const reads = mount.reads.length;
    expect(await text()).toBe("t0ken-fixture-two");
    expect(mount.reads).toHaveLength(reads);
  });

  test("is a copy of its own for each caller: wiping one does not change another", async () => {
    const declare = declareSecrets({ token: { ref: "token" } });
    const { secrets, read, text } = await opened(false, { declare });
    await secrets.ready();
    (await read()).fill(0);
    expect(await text()).toBe("t0ken-fixture-one");
    expect(latest(secrets, "token")).toBe("t0ken-fixture-one");
  });

  test("is read again soon after a store refuses the login that was made with it", async () => {
    const { secrets, remote, mount, clock, text } = await opened(false);
    await text();
    mount.set("token", "t0ken-fixture-two");
    remote.fail("UNAUTHENTICATED");
    await advanceUntil(
      clock,
      secrets.getSecret("other").catch(() => undefined),
    );
    await clock.advance(1_000);
    expect(await text()).toBe("t0ken-fixture-two");
  });

  test("is left alone after any other failure", async () => {
    const { secrets, remote, mount, clock, text } = await opened(false);
    await text();
    const reads = mount.reads.length;
    remote.failPath("other", "PERMISSION_DENIED");
    await secrets.getSecret("other").catch(() => undefined);
    await clock.advance(1_000);
    expect(mount.reads).toHaveLength(reads);
  });

  test("that is missing or denied rejects with its own code", async () => {
    const { secrets, stores } = withToken();
    const { remote, mount } = stores;
    if (remote === undefined || mount === undefined) throw new Error("two stores are made");
    remote.set("db", "one");
    await secrets.getSecret("db");
    const source = { $secret: "tokens/remote#value" };
    await expect(remote.host?.credential(source)).rejects.toMatchObject({ code: "NOT_FOUND" });
    mount.fail("PERMISSION_DENIED");
    await expect(remote.host?.credential({ $secret: "tokens/other" })).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
    });
  });

  test.each([
    ["itself", { routes: [{ match: "**", to: ["remote"] }] }, {}],
    ["a store whose own credential it holds", {}, { mount: { token: { $secret: "back" } } }],
    ["itself as a fallback", { routes: [{ match: "**", to: ["mount", "remote"], fallbackOn: ["NOT_FOUND"] }] }, {}],
    [
      "itself through a binding",
      { bindings: { "tokens/remote": { fields: { value: { provider: "remote", path: "x" } } } } },
      {},
    ],
  ])("is a cycle when it is read from %s", async (_title, config, providerOptions) => {
    const client = scriptedClient({
      stores: ["remote", "mount"],
      providerOptions: { remote: { token: { $secret: "tokens/remote#value" } }, ...providerOptions },
      config: {
        routes: [
          { match: "**", to: ["remote"] },
          { match: "tokens/**", to: ["mount"] },
        ],
        ...config,
      },
    });
    const error = (await client.secrets.ready().catch((thrown) => thrown)) as SecretError;
    expect(error.errors?.map(({ code, reason }) => [code, reason])).toContainEqual([
      "INVALID_CONFIG",
      "credential-cycle",
    ]);
    expect(client.store.openings).toBe(0);
  });

  test("written out in the document is refused, and not repeated", async () => {
    const { secrets } = scriptedClient({ stores: ["a"], providerOptions: { a: { token: "t0ken-fixture" } } });
    const error = (await secrets.getSecret("db").catch((thrown) => thrown)) as SecretError;
    expect(error.code).toBe("INVALID_CONFIG");
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain("t0ken-fixture");
  });
});
