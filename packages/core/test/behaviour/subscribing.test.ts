import { describe, expect, test } from "vitest";
import { declareSecrets, json } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";
import { advanceUntil, type ScriptedClient, scriptedClient, settledOf } from "../scripted-client.ts";

/** A client of a store that pushes over a held connection, and polls seldom beneath. */
function client(subscribe: "remote" | "local" = "remote"): ScriptedClient {
  const made = scriptedClient({ stores: ["a"], providerOptions: { a: { pollInterval: "5m" } } });
  made.store.supports = { ...made.store.supports, subscribe };
  made.store.set("x", "1");
  return made;
}

/** The push of a rotation reaches the watch without waiting for a poll. */
async function expectPushed({ store, clock }: ScriptedClient, watch: { latest: { reveal(): unknown } }, value = "2") {
  store.set("x", value);
  store.hint("x");
  await clock.advance(1_100);
  expect(watch.latest.reveal()).toBe(value);
}

describe("a watch is subscribed as soon as it is ready", () => {
  test("on a reference that was never read", async () => {
    const made = client();
    const watch = made.secrets.watch("x");
    await watch.ready;
    await made.clock.advance(1_100);
    await expectPushed(made, watch);
  });

  test("on a reference that was read before", async () => {
    const made = client();
    await made.secrets.getSecret("x");
    const watch = made.secrets.watch("x");
    await watch.ready;
    await made.clock.advance(1_100);
    expect(made.store.hints.get("x")?.size).toBe(1);
    await expectPushed(made, watch);
  });

  test("on a reference that was watched before", async () => {
    const made = client();
    const before = made.secrets.watch("x");
    await before.ready;
    await before.close();
    await made.clock.advance(1_100);
    const watch = made.secrets.watch("x");
    await watch.ready;
    await made.clock.advance(1_100);
    await expectPushed(made, watch);
  });

  test("on a reference whose read is in flight", async () => {
    const made = client();
    const { secrets, store, clock } = made;
    store.latencyMs = 1_000;
    const reading = settledOf(secrets.getSecret("x"));
    await clock.advance(500);
    const watch = secrets.watch("x");
    await advanceUntil(clock, watch.ready);
    store.latencyMs = 0;
    await clock.advance(1_100);
    expect(reading.now.state).toBe("resolved");
    await expectPushed(made, watch);
  });

  test("on a reference that another decoder has read", async () => {
    const made = client();
    await made.secrets.getSecret("x", json());
    const watch = made.secrets.watch("x");
    await watch.ready;
    await made.clock.advance(1_100);
    await expectPushed(made, watch);
  });

  test("on a field of what was read before", async () => {
    const made = client();
    const { secrets, store, clock } = made;
    store.set("x", { a: "1", b: "1" });
    await secrets.getSecret("x#a");
    const watch = secrets.watch("x#b");
    await watch.ready;
    await clock.advance(1_100);
    store.set("x", { a: "2", b: "2" });
    store.hint("x");
    await clock.advance(1_100);
    expect(watch.latest.reveal()).toBe("2");
  });

  test("on what changed between the read and the watch", async () => {
    const { secrets, store, clock } = client();
    await secrets.getSecret("x");
    store.set("x", "2");
    const watch = secrets.watch("x");
    await watch.ready;
    await clock.advance(2_000);
    expect(watch.latest.reveal()).toBe("2");
  });
});

test("the second watch of a subscribed reference costs no further read", async () => {
  const { secrets, store, clock } = client();
  await secrets.watch("x").ready;
  await clock.advance(3_000);
  const before = store.reads.length;
  await secrets.watch("x").ready;
  await clock.advance(3_000);
  expect(store.reads.length).toBe(before);
  expect(store.subscribings).toBe(1);
});

test("the use of a declared secret that was never loaded subscribes it", async () => {
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
    supports: { subscribe: "remote" },
  });
  store.set("db", "one");
  await secrets.getSecret("db");
  await secrets.use("db", (secret) => secret.reveal(), { rejected: () => false });
  await clock.advance(1_100);
  expect(store.hints.get("db")?.size).toBe(1);
});

describe("a local subscription that hangs", () => {
  const forever = 2 ** 30;

  test("costs the first read about a second, and no later one anything", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
      supports: { subscribe: "local" },
    });
    store.set("db", "one");
    store.subscribeLatencyMs = forever;
    const ready = settledOf(secrets.ready());
    await clock.advance(1_500);
    expect(ready.now.state).toBe("resolved");
    for (let n = 0; n < 5; n += 1) {
      const fresh = settledOf(secrets.getSecret("db", { freshness: "fresh" }));
      await clock.advance(100);
      expect(fresh.now.state).toBe("resolved");
      await clock.advance(30_000);
    }
  });

  test("is tried again in the background, and stands once it can", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
      supports: { subscribe: "local" },
    });
    store.set("db", "one");
    store.subscribeLatencyMs = forever;
    await advanceUntil(clock, secrets.ready());
    store.subscribeLatencyMs = 0;
    await clock.advance(180_000);
    expect(store.hints.get("db")?.size).toBe(1);
    store.set("db", "two");
    store.hint("db");
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("is not tried as often as it is read", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
      supports: { subscribe: "local" },
    });
    store.set("db", "one");
    store.subscribeLatencyMs = forever;
    await advanceUntil(clock, secrets.ready());
    for (let n = 0; n < 50; n += 1) {
      await advanceUntil(clock, secrets.getSecret("db", { freshness: "fresh" }));
      await clock.advance(100);
    }
    expect(store.subscribings).toBeLessThanOrEqual(8);
  });
});
