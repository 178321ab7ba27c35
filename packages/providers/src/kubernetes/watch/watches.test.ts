import { describe, expect, test } from "vitest";
import {
  forever,
  type KubernetesFixture,
  openFixture,
  openRecorder,
  podNamespace,
  read,
} from "../../../test/kubernetes/fixture.ts";

const pair = { username: "app", password: "s3cret-fixture" };
const next = { username: "app", password: "s3cret-fixture-2" };

/** Subscribes to one Secret. */
async function listen(fixture: KubernetesFixture, path = "db") {
  const provider = await fixture.open();
  const recorder = openRecorder();
  const subscription = await provider.subscribe?.([path], recorder.hint, forever);
  if (subscription === undefined) throw new Error("it can subscribe");
  return { provider, subscription, ...recorder };
}

function put(fixture: KubernetesFixture, draft: Parameters<typeof fixture.api.store.put>[2]): void {
  fixture.api.store.put(podNamespace, "db", draft);
}

function watches({ api }: KubernetesFixture) {
  return api.requests.filter(({ verb }) => verb === "watch").map(({ query }) => query);
}

describe("a watch", () => {
  test("requests one Secret by its name, with bookmarks, for 5 to 10 minutes, and never lists", async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    await listen(fixture);
    expect(watches(fixture)).toEqual([
      {
        watch: "true",
        fieldSelector: "metadata.name=db",
        allowWatchBookmarks: "true",
        timeoutSeconds: "600",
      },
    ]);
    expect(fixture.api.requests.filter(({ verb }) => verb === "list")).toEqual([]);
  });

  test("begins now, however old the read Secret is", async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    fixture.api.store.age();
    fixture.api.store.compact();
    const { provider, hears } = await listen(fixture);
    await read(provider, "db");
    await hears(1);
    expect(watches(fixture)).toHaveLength(1);
    expect(watches(fixture)[0]?.resourceVersion).toBeUndefined();
  });

  test("hints each change of content, a deletion, and a return with the same content", async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    const { hears, hints } = await listen(fixture);
    await hears(1);
    put(fixture, { fields: next });
    await hears(2);
    fixture.api.store.remove(podNamespace, "db");
    await hears(3);
    put(fixture, { fields: next });
    await hears(4);
    put(fixture, { raw: { password: "s3cret-fixture!" } });
    await hears(5);
    expect(hints).toEqual(["db", "db", "db", "db", "db"]);
  });

  test("hints neither an edit of metadata nor an encryption under a new key", async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    const { hears, hints } = await listen(fixture);
    await hears(1);
    for (let round = 0; round < 20; round += 1) put(fixture, { fields: pair, annotations: { touched: `${round}` } });
    put(fixture, { fields: pair });
    put(fixture, { fields: next });
    await hears(2);
    expect(hints).toHaveLength(2);
  });

  test("resumes after its timeout at its last version, and reports the changes made meanwhile", async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    const { hears, hints, subscription } = await listen(fixture);
    await hears(1);
    await fixture.clock.advance(120_000);
    fixture.api.bookmark();
    fixture.api.endWatches();
    await fixture.api.watching(0);
    put(fixture, { fields: next });
    expect(await fixture.passPause()).toBeLessThan(1000);
    await hears(2);
    expect(hints).toHaveLength(2);
    expect(watches(fixture)[1]?.resourceVersion).toBe("1001");
    expect(subscription.state).toEqual({ mode: "push" });
  });

  const ends = process.env.TACIT_ALL_SEEDS === undefined ? 25 : 200;
  test(`that resumes without changes hints nothing, ${ends} times`, async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    const { hears, hints } = await listen(fixture);
    await hears(1);
    for (let round = 1; round <= ends; round += 1) {
      await fixture.clock.advance(5000);
      fixture.api.endWatches();
      await fixture.passPause();
      await fixture.api.until(() => watches(fixture).length === round + 1 && fixture.api.watchers.size === 1);
    }
    put(fixture, { fields: next });
    await hears(2);
    expect(hints).toHaveLength(2);
  });

  test("of a missing Secret begins now again and causes a read, because the Secret may have existed meanwhile", async () => {
    await using fixture = await openFixture();
    const { hears, hints } = await listen(fixture);
    expect(hints).toEqual([]);
    await fixture.clock.advance(5000);
    fixture.api.endWatches();
    await fixture.passPause();
    await hears(1);
    expect(watches(fixture)[1]?.resourceVersion).toBeUndefined();
    fixture.api.bookmark();
    put(fixture, { fields: pair });
    await hears(2);
  });

  test("of a deleted namespace hints, and the read finds nothing", async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    const { provider, hears } = await listen(fixture);
    await hears(1);
    fixture.api.store.remove(podNamespace, "db");
    await hears(2);
    expect(await read(provider, "db")).toEqual({ status: "not-found", definitive: true });
  });

  test("of an immutable Secret reports its replacement", async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair, immutable: true });
    const { hears } = await listen(fixture);
    await hears(1);
    fixture.api.store.remove(podNamespace, "db");
    put(fixture, { fields: next, immutable: true });
    await hears(3);
  });

  test("continues with a token that was rotated while it was connected", async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    const { hears } = await listen(fixture);
    await hears(1);
    const token = fixture.issue();
    fixture.publish(token);
    await fixture.clock.advance(5000);
    fixture.api.endWatches();
    await fixture.passPause();
    put(fixture, { fields: next });
    await hears(2);
    expect(fixture.api.requests.at(-1)).toMatchObject({ verb: "watch", token });
  });

  test("is not made for a token, which the client reads again before it expires", async () => {
    await using fixture = await openFixture();
    const { subscription } = await listen(fixture, "serviceaccount/app");
    expect(watches(fixture)).toEqual([]);
    expect(subscription.state).toEqual({ mode: "push" });
  });
});

describe("the end of a subscription", () => {
  test.each<[string, (fixture: KubernetesFixture) => Promise<unknown> | unknown]>([
    ["is connected", () => undefined],
    [
      "pauses",
      async ({ api, clock }) => {
        await clock.advance(5000);
        api.endWatches();
        await api.watching(0);
      },
    ],
    [
      "is refused",
      ({ api }) => {
        api.allows = () => false;
        api.resetWatches();
      },
    ],
    [
      "waits for an answer",
      async ({ api, clock, passPause }) => {
        await clock.advance(5000);
        api.isStalled = true;
        api.endWatches();
        const before = api.requests.length;
        await passPause();
        await api.until(() => api.requests.length > before);
      },
    ],
  ])("leaves no timer and no connection if its watch %s", async (_state, bring) => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    const { provider, subscription, hears } = await listen(fixture);
    await hears(1);
    await bring(fixture);
    await subscription[Symbol.asyncDispose]();
    expect(fixture.clock.armed).toBe(0);
    await provider.close?.();
    await fixture.api.watching(0);
  });

  test("is caused by closing the provider, without a hint", async () => {
    await using fixture = await openFixture();
    put(fixture, { fields: pair });
    const { provider, hints, hears } = await listen(fixture);
    await hears(1);
    put(fixture, { fields: next });
    await provider.close?.();
    await fixture.api.watching(0);
    expect(fixture.clock.armed).toBe(0);
    const told = hints.length;
    put(fixture, { fields: pair });
    await fixture.clock.flush();
    expect(hints).toHaveLength(told);
  });
});
