import { describe, expect, test } from "vitest";
import { declareSecrets, type OpenSecrets, type Secret } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";
import { settledOf } from "../scripted-client.ts";

const declared = declareSecrets({ db: { ref: "db" } });
/** The client as plain JavaScript calls it. */
interface Untyped {
  getSecret(name: string, as: undefined, options: object): Promise<Secret>;
  watch(name: string, as: undefined, options: object): { readonly state: string };
}

async function client() {
  const made = declaredClient(declared, { supports: { subscribe: "local" } });
  made.store.set("db", "one");
  await made.secrets.ready();
  return { ...made, untyped: made.secrets as unknown as Untyped };
}

describe("options behind a decoder that is undefined", () => {
  test.each(["db", "free"])("are honoured by a fresh read of %s", async (name) => {
    const { store, untyped } = await client();
    store.set("free", "one");
    await untyped.getSecret(name, undefined, {});
    const before = store.reads.length;
    store.set(name, "two");
    expect((await untyped.getSecret(name, undefined, { freshness: "fresh" })).reveal()).toBe("two");
    expect(store.reads.length).toBe(before + 1);
  });

  test("are honoured by the signal of a read", async () => {
    const { untyped } = await client();
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(untyped.getSecret("db", undefined, { signal })).rejects.toThrow("gone");
  });

  test("are honoured by the signal of a watch", async () => {
    const { untyped, clock } = await client();
    const controller = new AbortController();
    const watch = untyped.watch("db", undefined, { signal: controller.signal });
    await clock.flush();
    expect(watch.state).toBe("live");
    controller.abort();
    expect(watch.state).toBe("closed");
  });
});

describe("`close`", () => {
  test("called while a resource is being closed by it runs once", async () => {
    const { secrets, store, clock } = await client();
    const inner: Promise<void>[] = [];
    secrets.derive("db", {
      open: (secret) => secret.reveal(),
      close: () => {
        inner.push(secrets.close());
      },
    });
    await secrets.ready();
    const outer = secrets.close();
    await clock.advance(6_000);
    await outer;
    await Promise.all(inner);
    expect(inner).toHaveLength(1);
    expect(store.closings).toBe(1);
  });

  test("called twice at once runs once", async () => {
    const { secrets, store, clock } = await client();
    const closings = [secrets.close(), secrets.close()];
    await clock.flush();
    await Promise.all(closings);
    expect(store.closings).toBe(1);
  });
});

describe("two aliases whose `accept` reads the other one", () => {
  test("fail in bounded time, and the error says why", async () => {
    const holder: { secrets?: OpenSecrets<{ a: { ref: string }; b: { ref: string } }> } = {};
    const reading = (other: "a" | "b") => async (): Promise<boolean> => {
      await holder.secrets?.getSecret(other);
      return true;
    };
    const cyclic = declareSecrets({
      a: { ref: "a", accept: reading("b") },
      b: { ref: "b", accept: reading("a") },
    });
    const { secrets, store, clock } = declaredClient(cyclic);
    holder.secrets = secrets as never;
    store.set("a", "one");
    store.set("b", "one");
    const ready = settledOf(secrets.ready());
    await clock.advance(60_000);
    expect(ready.now.state).toBe("rejected");
    const { error } = ready.now as { error: { errors: readonly { tip?: string }[] } };
    expect(error.errors.map(({ tip = "" }) => tip).join("\n")).toMatch(/alias/);
  });

  test("are fine where only one reads the other", async () => {
    const holder: { secrets?: OpenSecrets<{ a: { ref: string }; b: { ref: string } }> } = {};
    const oneWay = declareSecrets({
      a: {
        ref: "a",
        accept: async () => {
          await holder.secrets?.getSecret("b");
        },
      },
      b: { ref: "b" },
    });
    const { secrets, store, clock } = declaredClient(oneWay);
    holder.secrets = secrets as never;
    store.set("a", "one");
    store.set("b", "one");
    const ready = settledOf(secrets.ready());
    await clock.advance(1_000);
    expect(ready.now.state).toBe("resolved");
  });
});
