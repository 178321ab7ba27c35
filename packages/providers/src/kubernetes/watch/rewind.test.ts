import { describe, expect, test } from "vitest";
import type { DoubleAnswer } from "../../../test/http-double.ts";
import { statusAnswer } from "../../../test/kubernetes/api-double.ts";
import { forever, openFixture, openRecorder, podNamespace, read } from "../../../test/kubernetes/fixture.ts";

const fields = (round: number) => ({ password: `s3cret-fixture-${round}` });

/** Creates a provider whose watch has reported one Secret, and then reached a version far above that of the Secret. */
async function standing(options: Record<string, unknown> = {}) {
  const fixture = await openFixture();
  const { api } = fixture;
  const labels = { app: "orders" };
  api.store.put(podNamespace, "db", { fields: fields(0), labels });
  const provider = await fixture.open(options);
  const { hint, ...recorder } = openRecorder();
  const subscription = await provider.subscribe?.(["db"], hint, forever);
  await api.watching();
  api.store.put(podNamespace, "db", { fields: fields(1), labels });
  await recorder.hears(options.labelSelector === undefined ? 2 : 1);
  api.store.age();
  api.bookmark();
  // The bookmark has been read once the next change has been.
  api.store.put(podNamespace, "db", { fields: fields(2), labels });
  await recorder.hears(options.labelSelector === undefined ? 3 : 2);
  await fixture.clock.advance(5000);
  return {
    fixture,
    provider,
    subscription,
    labels,
    ...recorder,
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

function versions({ fixture }: Awaited<ReturnType<typeof standing>>): readonly (string | undefined)[] {
  return fixture.api.requests.filter(({ verb }) => verb === "watch").map(({ query }) => query.resourceVersion);
}

describe("a restore of the API server from a backup", () => {
  test.each([
    ["a watch of one Secret", {}],
    ["a watch by labels", { labelSelector: "app=orders" }],
  ])("that leaves %s waiting for a version to come is noticed by the next read", async (_what, options) => {
    await using it = await standing(options);
    const { fixture, provider, labels } = it;
    fixture.api.store.rewind(1010);
    fixture.api.endWatches();
    await fixture.api.watching(0);
    await fixture.passPause();
    await fixture.api.watching(1);
    fixture.api.store.put(podNamespace, "db", { fields: fields(3), labels });
    const before = it.hints.length;
    await fixture.clock.advance(5000);
    expect(it.hints.length).toBe(before);
    await read(provider, "db");
    await fixture.api.watching(0);
    await fixture.passPause();
    await it.hears(before + 1);
    await fixture.api.watching(1);
    const heard = it.hints.length;
    fixture.api.store.put(podNamespace, "db", { fields: fields(4), labels });
    await it.hears(heard + 1);
    expect(it.subscription?.state).toEqual({ mode: "push" });
  });

  const tooLarge = statusAnswer(504, "Timeout", {
    causes: [{ reason: "ResourceVersionTooLarge" }],
    retryAfterSeconds: 1,
  });
  test.each<[string, DoubleAnswer]>([
    ["a status", tooLarge],
    ["an event", { status: 200, body: `${JSON.stringify({ type: "ERROR", object: tooLarge.body })}\n` }],
  ])("that is told by %s makes the watch begin anew at once", async (_what, answer) => {
    await using it = await standing();
    const { fixture } = it;
    const before = it.hints.length;
    fixture.api.store.rewind(1010);
    fixture.api.override = ({ verb, query }) =>
      verb === "watch" && query.resourceVersion !== undefined ? answer : undefined;
    fixture.api.endWatches();
    await fixture.passPause();
    await fixture.passPause();
    await it.hears(before + 1);
    await fixture.api.watching(1);
    expect(versions(it).slice(-2)).toEqual([expect.any(String), undefined]);
    expect(it.subscription?.state).toEqual({ mode: "push" });
  });
});

test("a read that began before an event may be older than the watch, and does not count as a restore", async () => {
  await using it = await standing();
  const { fixture, provider, labels } = it;
  const held = Promise.withResolvers<void>();
  fixture.api.holds = ({ verb }) => (verb === "get" ? held.promise : undefined);
  const reads = fixture.api.requests.length;
  const reading = read(provider, "db");
  await fixture.api.until(() => fixture.api.requests.length > reads);
  const before = it.hints.length;
  fixture.api.store.put(podNamespace, "db", { fields: fields(3), labels });
  await it.hears(before + 1);
  held.resolve();
  await reading;
  expect(fixture.api.watchers.size).toBe(1);
  fixture.api.holds = () => undefined;
  await read(provider, "db");
  expect(versions(it)).toEqual([undefined]);
});
