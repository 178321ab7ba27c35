import { describe, expect, test } from "vitest";
import { bytes, declareSecrets, object, type Secret, type StandardSchemaV1 } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";
import { latest, scriptedClient } from "../scripted-client.ts";
import type { ScriptedStore } from "../scripted-store.ts";

type Push = false | "local" | "remote";

/** A client whose store `b` logs in with a secret of store `a`. */
async function client(push: Push = "local", config: Readonly<Record<string, unknown>> = {}) {
  const made = scriptedClient({
    stores: ["a", "b"],
    providerOptions: { b: { token: { $secret: "boot/token" } } },
    declare: declareSecrets({ db: { ref: "db" } }),
    config: {
      routes: [
        { match: "boot/**", to: ["a"] },
        { match: "**", to: ["b"] },
      ],
      ...config,
    },
  });
  const { a, b } = made.stores as { a: ScriptedStore; b: ScriptedStore };
  a.supports = { ...a.supports, subscribe: push };
  a.set("boot/token", "token-1");
  b.set("db", "one");
  await made.secrets.ready();
  /** What the adapter of `b` gets at one use. */
  const use = async (): Promise<Uint8Array> => {
    const { token } = b.options as { token: { $secret: string } };
    return (await b.host?.credential(token)) as Uint8Array;
  };
  const token = async (): Promise<string> => Buffer.from(await use()).toString();
  return { ...made, a, b, use, token };
}

describe("a credential that is another secret", () => {
  test("is the new one as soon as its store has said so", async () => {
    const { a, clock, token } = await client();
    expect(await token()).toBe("token-1");
    a.set("boot/token", "token-2");
    a.hint("boot/token");
    await clock.flush();
    expect(await token()).toBe("token-2");
  });

  test("is the new one within two polls where its store says nothing", async () => {
    const { a, clock, token } = await client(false);
    expect(await token()).toBe("token-1");
    a.set("boot/token", "token-2");
    await clock.advance(130_000);
    expect(await token()).toBe("token-2");
  });

  test("is subscribed and polled from its first use until the client closes", async () => {
    const { secrets, a, clock, token } = await client();
    await token();
    await clock.flush();
    expect(a.hints.get("boot/token")?.size).toBe(1);
    const before = a.reads.length;
    await clock.advance(3_600_000);
    expect(a.reads.length - before).toBeGreaterThan(30);
    expect(a.hints.get("boot/token")?.size).toBe(1);
    await secrets.close();
    expect(a.hints.get("boot/token")?.size).toBe(0);
    expect(clock.armed).toBe(0);
  });

  test("costs no call at each use", async () => {
    const { a, token } = await client();
    await token();
    const before = a.reads.length;
    for (let n = 0; n < 20; n += 1) await token();
    expect(a.reads.length).toBe(before);
  });

  test("is not forgotten when many other references are read", async () => {
    const { secrets, a, clock, token } = await client("local", { cache: { maxEntries: 1 } });
    await token();
    for (let n = 0; n < 30; n += 1) {
      a.set(`boot/other-${n}`, "x");
      await secrets.getSecret(`boot/other-${n}`);
    }
    await clock.advance(120_000);
    a.set("boot/token", "token-2");
    a.hint("boot/token");
    await clock.flush();
    const before = a.readsOf("boot/token").length;
    expect(await token()).toBe("token-2");
    expect(a.readsOf("boot/token").length).toBe(before);
  });

  test("is looked at again when the store that uses it refuses the login", async () => {
    const { secrets, a, b, clock, token } = await client(false, {});
    await token();
    await clock.advance(5_000);
    a.set("boot/token", "token-2");
    b.fail("UNAUTHENTICATED");
    await secrets.getSecret("db" as never, { freshness: "fresh" } as never).catch(() => undefined);
    await clock.advance(2_000);
    expect(await token()).toBe("token-2");
  });

  test("outlives an outage of its store", async () => {
    const { a, clock, token } = await client();
    await token();
    a.fail("UNAVAILABLE");
    await clock.advance(3_600_000);
    expect(await token()).toBe("token-1");
  });
});

describe("bytes that are handed out are copies", () => {
  test("for an adapter, which may wipe a credential after its use", async () => {
    const { secrets, use, token } = await client();
    const declared = await secrets.getSecret("boot/token");
    (await use()).fill(0);
    expect(await token()).toBe("token-1");
    expect((await secrets.getSecret("boot/token")).reveal()).toBe("token-1");
    expect(declared.reveal()).toBe("token-1");
  });

  test("for a declared alias of the same secret", async () => {
    const made = scriptedClient({
      stores: ["a", "b"],
      providerOptions: { b: { token: { $secret: "boot/token" } } },
      declare: declareSecrets({ t: { ref: "boot/token" }, db: { ref: "db" } }),
      config: {
        routes: [
          { match: "boot/**", to: ["a"] },
          { match: "**", to: ["b"] },
        ],
      },
    });
    const { a, b } = made.stores as { a: ScriptedStore; b: ScriptedStore };
    a.set("boot/token", "token-1");
    b.set("db", "one");
    await made.secrets.ready();
    (await b.host?.credential({ $secret: "boot/token" }))?.fill(0);
    expect(latest(made.secrets, "t")).toBe("token-1");
  });

  test("for whoever reveals them", async () => {
    const declared = declareSecrets({ raw: { ref: "raw", as: bytes() }, text: { ref: "raw" } });
    const { secrets, store } = declaredClient(declared);
    store.set("raw", "s3cret-fixture");
    await secrets.ready();
    secrets.latest("raw").reveal().fill(0);
    expect(Buffer.from(secrets.latest("raw").reveal()).toString()).toBe("s3cret-fixture");
    expect(secrets.latest("text").reveal()).toBe("s3cret-fixture");
    expect(secrets.latest("raw").equals("s3cret-fixture")).toBe(true);
  });

  test("for a schema, which may wipe what it was given", async () => {
    const wiping: StandardSchemaV1<unknown, number> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => {
          const { blob } = value as { blob: Uint8Array };
          const { length } = blob;
          blob.fill(0);
          return { value: length };
        },
      },
    };
    const declared = declareSecrets({
      pair: { ref: "pair", as: object(wiping) },
      blob: { ref: "pair#blob", as: bytes() },
    });
    const { secrets, store } = declaredClient(declared);
    const fields = new Map([["blob", Uint8Array.of(0xff, 0xfe, 0x01)]]);
    store.script = () => ({ status: "ok", version: "1", payload: { kind: "fields", fields } });
    await secrets.ready();
    expect(secrets.latest("pair").reveal()).toBe(3);
    expect([...secrets.latest("blob").reveal()]).toEqual([0xff, 0xfe, 0x01]);
  });

  test("for a decoder of one's own, which may wipe what it was given", async () => {
    const wiping = {
      kind: "text",
      decode: (content: { bytes: Uint8Array }) => {
        const decoded = { kind: "text", bytes: Uint8Array.from(content.bytes) };
        content.bytes.fill(0);
        return decoded;
      },
    };
    const declared = declareSecrets({ wiping: { ref: "db", as: wiping as never }, db: { ref: "db" } });
    const { secrets, store } = declaredClient(declared);
    store.set("db", "s3cret-fixture");
    await secrets.ready();
    expect((secrets.latest("wiping") as Secret).reveal()).toBe("s3cret-fixture");
    expect(secrets.latest("db").reveal()).toBe("s3cret-fixture");
  });

  test("from an adapter, which may use its buffer again", async () => {
    const buffer = Buffer.from("s3cret-fixture");
    const { secrets, store } = declaredClient(declareSecrets({ db: { ref: "db" }, raw: { ref: "db", as: bytes() } }));
    store.script = () => ({ status: "ok", version: "1", payload: { kind: "value", bytes: buffer } });
    await secrets.ready();
    buffer.fill(0);
    expect(secrets.latest("db").reveal()).toBe("s3cret-fixture");
    expect(Buffer.from(secrets.latest("raw").reveal()).toString()).toBe("s3cret-fixture");
  });
});
