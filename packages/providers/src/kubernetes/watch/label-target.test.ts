import { describe, expect, test } from "vitest";
import {
  forever,
  type KubernetesFixture,
  openFixture,
  openRecorder,
  podNamespace,
  read,
} from "../../../test/kubernetes/fixture.ts";

const labels = { team: "orders" };
const options = { labelSelector: "team=orders" };

function put(fixture: KubernetesFixture, name: string, password: string): void {
  fixture.api.store.put(podNamespace, name, { fields: { password: `s3cret-fixture-${password}` }, labels });
}

function requests({ api }: KubernetesFixture, wanted: "list" | "watch") {
  return api.requests.filter(({ verb }) => verb === wanted);
}

/** Subscribes to many Secrets separately, as the client does. */
async function listen(fixture: KubernetesFixture, names: readonly string[]) {
  const provider = await fixture.open(options);
  const recorder = openRecorder();
  const subscriptions = await Promise.all(names.map((name) => provider.subscribe?.([name], recorder.hint, forever)));
  return { provider, subscriptions, ...recorder };
}

describe("a label selector", () => {
  test("watches 100 Secrets through one connection, after a list of their metadata in pages", async () => {
    await using fixture = await openFixture();
    const names = Array.from({ length: 100 }, (_, index) => `db-${index}`);
    for (const name of names) put(fixture, name, "0");
    fixture.api.store.put(podNamespace, "other", { fields: {} });
    const { hears, hints } = await listen(fixture, names);
    expect(fixture.api.watchers.size).toBe(1);
    expect(requests(fixture, "watch")).toMatchObject([
      { query: { labelSelector: "team=orders", resourceVersion: "1101" } },
    ]);
    expect(requests(fixture, "list").map(({ query }) => [query.limit, query.continue])).toEqual([
      ["20", undefined],
      ["20", "20"],
      ["20", "40"],
      ["20", "60"],
      ["20", "80"],
    ]);
    for (const { accept } of requests(fixture, "list")) expect(accept).toContain("as=PartialObjectMetadataList");
    put(fixture, "db-7", "1");
    put(fixture, "db-42", "1");
    fixture.api.store.remove(podNamespace, "db-42");
    await hears(3);
    expect(hints).toEqual(["db-7", "db-42", "db-42"]);
  });

  test("hints exactly what has changed while its version was forgotten", async () => {
    await using fixture = await openFixture();
    for (const name of ["same", "changed", "removed", "remade"]) put(fixture, name, "0");
    const { hears, hints, subscriptions } = await listen(fixture, ["same", "changed", "removed", "remade", "added"]);
    await fixture.clock.advance(5000);
    fixture.api.endWatches();
    await fixture.api.watching(0);
    put(fixture, "changed", "1");
    put(fixture, "added", "1");
    for (const name of ["removed", "remade"]) fixture.api.store.remove(podNamespace, name);
    put(fixture, "remade", "0");
    fixture.api.store.age();
    fixture.api.store.compact();
    await fixture.passPause();
    await fixture.passPause();
    await hears(4);
    expect([...hints].toSorted()).toEqual(["added", "changed", "remade", "removed"]);
    await fixture.api.watching(1);
    put(fixture, "same", "1");
    await hears(5);
    expect(subscriptions.map((subscription) => subscription?.state)).toEqual(Array(5).fill({ mode: "push" }));
  });

  test("hints an edit of metadata at most once", async () => {
    await using fixture = await openFixture();
    put(fixture, "db", "0");
    const { hears, hints } = await listen(fixture, ["db"]);
    for (let round = 0; round < 10; round += 1) put(fixture, "db", "1");
    put(fixture, "db", "2");
    await hears(2);
    expect(hints).toHaveLength(2);
  });

  test("without the right to list causes polling, reports it, and recovers", async () => {
    await using fixture = await openFixture();
    fixture.api.allows = ({ verb }) => verb === "get";
    put(fixture, "db", "0");
    const { hears, subscriptions, provider } = await listen(fixture, ["db"]);
    await hears(1);
    expect(subscriptions[0]?.state).toEqual({ mode: "poll", code: "watch-denied" });
    expect(await read(provider, "db")).toMatchObject({ status: "ok" });
    fixture.api.allows = () => true;
    await fixture.passPause();
    await fixture.api.watching(1);
    put(fixture, "db", "1");
    await hears(2);
    expect(subscriptions[0]?.state).toEqual({ mode: "push" });
  });

  test("that a Secret does not match, or no longer matches, causes polling of it, and reports that", async () => {
    await using fixture = await openFixture();
    const { api } = fixture;
    const bare = { fields: { password: "s3cret-fixture-0" } };
    api.store.put(podNamespace, "bare", bare);
    put(fixture, "db", "0");
    const { hears, subscriptions, provider } = await listen(fixture, ["db", "bare", "absent"]);
    for (const name of ["db", "bare", "absent"]) await read(provider, name);
    const states = () => subscriptions.map((subscription) => subscription?.state);
    const findings = async () => (await provider.diagnose?.(forever))?.filter(({ code }) => code === "label-missing");
    const polled = { mode: "poll", code: "label-missing" };
    expect(states()).toEqual([{ mode: "push" }, polled, { mode: "push" }]);
    expect(await findings()).toMatchObject([{ level: "warning", message: expect.stringContaining('"bare"') }]);

    put(fixture, "bare", "0");
    api.store.put(podNamespace, "db", bare);
    await hears(2);
    for (const name of ["db", "bare"]) await read(provider, name);
    expect(states()).toEqual([polled, { mode: "push" }, { mode: "push" }]);
    api.store.remove(podNamespace, "bare");
    await hears(3);
    expect(states()).toEqual([polled, { mode: "push" }, { mode: "push" }]);
  });

  test("whose list takes longer than its version is valid starts again", async () => {
    await using fixture = await openFixture();
    for (let index = 0; index < 30; index += 1) put(fixture, `db-${index}`, "0");
    fixture.api.override = ({ query }) => (query.continue === undefined ? undefined : { status: 410 });
    const { subscriptions, hears } = await listen(fixture, ["db-1"]);
    expect(subscriptions[0]?.state).toEqual({ mode: "poll", code: "watch-failed" });
    fixture.api.override = () => undefined;
    await fixture.passPause();
    await fixture.api.watching(1);
    put(fixture, "db-1", "1");
    await hears(1);
  });

  test("is watched as long as one of its Secrets is subscribed to", async () => {
    await using fixture = await openFixture();
    const { provider, subscriptions } = await listen(fixture, ["a", "b"]);
    await subscriptions[0]?.[Symbol.asyncDispose]();
    expect(fixture.api.watchers.size).toBe(1);
    await subscriptions[1]?.[Symbol.asyncDispose]();
    await fixture.api.watching(0);
    expect(fixture.clock.armed).toBe(0);
    await provider.subscribe?.(["a"], () => undefined, forever);
    await fixture.api.watching(1);
  });
});
