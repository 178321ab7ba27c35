import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  forever,
  type KubernetesFixture,
  openFixture,
  openRecorder,
  podNamespace,
} from "../../../test/kubernetes/fixture.ts";

const fields = (round: number) => ({ password: `s3cret-fixture-${round}` });

/** Creates a fixture with one Secret, whose watch is connected and has reported its first event. */
async function standing() {
  const fixture = await openFixture();
  fixture.api.store.put(podNamespace, "db", { fields: fields(0) });
  const provider = await fixture.open();
  const { hint, ...recorder } = openRecorder();
  const subscription = await provider.subscribe?.(["db"], hint, forever);
  if (subscription === undefined) throw new Error("it can subscribe");
  await recorder.hears(1);
  return { fixture, subscription, ...recorder, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
}

type Standing = Awaited<ReturnType<typeof standing>>;

/** Checks that the watch is connected and reports the next change. */
async function recovers({ fixture, subscription, hints, hears }: Standing): Promise<void> {
  await fixture.api.watching(1);
  const before = hints.length;
  fixture.api.store.put(podNamespace, "db", { fields: fields(before) });
  await hears(before + 1);
  expect(subscription.state).toEqual({ mode: "push" });
}

/** Lets pauses pass and returns their lengths, to the second. The fault is removed within the last one. */
async function pauses(it: Standing, count: number, mend: () => void = () => undefined): Promise<readonly number[]> {
  const all: number[] = [];
  for (let round = 1; round <= count; round += 1) {
    const ms = await it.fixture.untilPause();
    all.push(Math.round(ms / 1000));
    if (round === count) mend();
    await it.fixture.clock.advance(ms);
  }
  return all;
}

function tries({ api }: KubernetesFixture): number {
  return api.requests.filter(({ verb }) => verb === "watch").length;
}

describe("a version that the API server has forgotten", () => {
  test.each(["event", "status"])("reported by an %s restarts the watch and causes a read", async (form) => {
    await using it = await standing();
    const { api, clock } = it.fixture;
    await clock.advance(5000);
    if (form === "event") {
      api.store.age();
      api.store.compact();
    } else api.override = ({ query }) => (query.resourceVersion === undefined ? undefined : { status: 410 });
    api.endWatches();
    await it.fixture.passPause();
    await it.fixture.passPause();
    await it.hears(2);
    await recovers(it);
    expect(api.requests.at(-1)?.query.resourceVersion).toBeUndefined();
  });

  test("reported in a stream that stays open ends the watch at once", async () => {
    await using it = await standing();
    it.fixture.api.say({ type: "ERROR", object: { kind: "Status", code: 410, message: "s3cret-fixture" } });
    await it.fixture.passPause();
    await it.hears(2);
    await recovers(it);
  });

  test("reported repeatedly causes growing pauses", async () => {
    await using it = await standing();
    it.fixture.api.override = ({ verb }) => (verb === "watch" ? { status: 410 } : undefined);
    it.fixture.api.resetWatches();
    const mend = (): void => {
      it.fixture.api.override = () => undefined;
    };
    expect(await pauses(it, 8, mend)).toEqual([1, 1, 1, 2, 4, 8, 16, 30]);
    await recovers(it);
  });
});

describe("a failure", () => {
  test.each([500, 503, 504, 404, 418])("of status %i causes growing pauses, and health reports it", async (status) => {
    await using it = await standing();
    it.fixture.api.override = () => ({ status, body: "s3cret-fixture" });
    it.fixture.api.resetWatches();
    const pauses: number[] = [];
    for (let round = 0; round < 4; round += 1) pauses.push(Math.round(await it.fixture.passPause()));
    expect(pauses).toEqual([1000, 2000, 4000, 8000]);
    expect(it.subscription.state).toEqual({ mode: "poll", code: "watch-failed" });
    it.fixture.api.override = () => undefined;
    await it.fixture.passPause();
    await recovers(it);
  });

  test.each([
    [
      "status",
      (it: Standing) => {
        it.fixture.api.override = () => ({ status: 429, headers: { "retry-after": "7" } });
        it.fixture.api.resetWatches();
      },
    ],
    [
      "event",
      (it: Standing) => {
        const details = { retryAfterSeconds: 7 };
        it.fixture.api.say({ type: "ERROR", object: { kind: "Status", code: 429, details } });
      },
    ],
  ])("that asks for a pause by a %s gets it", async (form, happens) => {
    await using it = await standing();
    happens(it);
    if (form === "status") await it.fixture.passPause();
    const pause = await it.fixture.untilPause();
    expect(pause).toBeGreaterThanOrEqual(7000);
    expect(pause).toBeLessThanOrEqual(8750);
    const before = tries(it.fixture);
    it.fixture.api.override = () => undefined;
    await it.fixture.clock.advance(pause);
    await it.fixture.api.until(() => tries(it.fixture) === before + 1);
    await recovers(it);
  });

  test("that requests an endless pause by an event waits five minutes plus a quarter", async () => {
    await using it = await standing();
    it.fixture.api.say({ type: "ERROR", object: { code: 429, details: { retryAfterSeconds: 1e12 } } });
    expect(await pauses(it, 1)).toEqual([375]);
    await recovers(it);
  });

  test.each([401, 403, 500, 504, undefined])("reported by an event of code %s ends the watch at once", async (code) => {
    await using it = await standing();
    it.fixture.api.say({ type: "ERROR", object: { kind: "Status", code, message: "s3cret-fixture" } });
    await it.fixture.passPause();
    await recovers(it);
  });

  test.each([
    ["between two lines", undefined],
    ["in the middle of a line", '{"type":"MODIFIED","object":{"kind":"Sec'],
  ])("of the connection %s loses no change", async (_where, half) => {
    await using it = await standing();
    const { api } = it.fixture;
    for (let round = 1; round <= 20; round += 1) {
      api.resetWatches(half);
      await api.watching(0);
      api.store.put(podNamespace, "db", { fields: fields(round) });
      await it.fixture.passPause();
      await it.hears(1 + round);
    }
    expect(it.hints).toHaveLength(21);
    await recovers(it);
  });

  test("without a sign is detected after 150 s without data; bookmarks count as data", async () => {
    await using it = await standing();
    const { api, clock } = it.fixture;
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(149_000);
      api.store.age();
      api.bookmark();
      // The line has been read once the next change has been.
      api.store.put(podNamespace, "db", { fields: fields(round + 1) });
      await it.hears(2 + round);
    }
    // Half-open: the server's side is closed without notice.
    const silent = [...api.watchers];
    api.watchers.clear();
    api.store.put(podNamespace, "db", { fields: fields(9) });
    await clock.advance(150_000);
    await it.fixture.passPause();
    await it.hears(5);
    expect(silent).toHaveLength(1);
    await recovers(it);
  });

  test("to answer ends at the deadline of an answer", async () => {
    await using fixture = await openFixture();
    fixture.api.isStalled = true;
    const provider = await fixture.open();
    const recorder = openRecorder();
    const subscribing = provider.subscribe?.(["db"], recorder.hint, forever);
    await fixture.api.until(() => tries(fixture) === 1);
    await fixture.clock.advance(9000);
    const subscription = await subscribing;
    expect(subscription?.state).toEqual({ mode: "poll", code: "watch-failed" });
    fixture.api.isStalled = false;
    await fixture.passPause();
    await recorder.hears(1);
    expect(subscription?.state).toEqual({ mode: "push" });
  });

  test("to reach the server causes growing pauses, too", async () => {
    await using it = await standing();
    await it.fixture.api.close();
    expect(await pauses(it, 3)).toEqual([1, 2, 4]);
    const ms = await it.fixture.untilPause();
    expect(it.subscription.state).toEqual({ mode: "poll", code: "watch-failed" });
    await it.fixture.api.listen();
    await it.fixture.clock.advance(ms);
    await recovers(it);
  });

  test("to keep a watch open causes pauses: a server that closes every watch at once is not asked in a loop", async () => {
    await using it = await standing();
    it.fixture.api.override = ({ verb }) => (verb === "watch" ? { status: 200, body: "" } : undefined);
    it.fixture.api.resetWatches();
    expect(await pauses(it, 4)).toEqual([1, 2, 4, 8]);
  });
});

describe("a line that is not an event", () => {
  test.each([
    ["no JSON", "s3cret-fixture\n"],
    ["another kind of JSON", "[]\n"],
    ["an unknown type", '{"type":"RENAMED","object":{}}\n'],
    ["an object without a name", '{"type":"ADDED","object":{"metadata":{}}}\n'],
    ["a bookmark without a version", '{"type":"BOOKMARK","object":{}}\n'],
    ["not UTF-8", "\ud800\n"],
    ["endless", "x".repeat(4 * 1024 * 1024 + 1)],
  ])("because it is %s causes a read and restarts the watch", async (_what, line) => {
    await using it = await standing();
    it.fixture.api.say(line);
    await it.fixture.passPause();
    await it.fixture.api.until(() => tries(it.fixture) === 2);
    await it.hears(2);
    expect(it.fixture.api.requests.at(-1)?.query.resourceVersion).toBeUndefined();
    await recovers(it);
  });
});

describe("the right to watch", () => {
  test("that is missing while a server starts causes no warning", async () => {
    await using it = await standing();
    const { api, host } = it.fixture;
    api.allows = () => false;
    api.resetWatches();
    const mend = (): void => {
      api.allows = () => true;
    };
    expect(await pauses(it, 4, mend)).toEqual([1, 2, 4, 8]);
    await recovers(it);
    expect(host.warnings).toEqual([]);
  });

  test("that is revoked causes polling and retries, up to once a minute, until it is granted again", async () => {
    await using it = await standing();
    const { api, host, clock } = it.fixture;
    api.allows = ({ verb }) => verb === "get";
    await clock.advance(5000);
    api.endWatches();
    await it.fixture.passPause();
    const mend = (): void => {
      expect(it.subscription.state).toEqual({ mode: "poll", code: "watch-denied" });
      expect(it.hints).toHaveLength(8);
      api.allows = () => true;
    };
    expect(await pauses(it, 7, mend)).toEqual([1, 2, 4, 8, 16, 32, 60]);
    expect(new Set(host.warnings.map(({ code }) => code))).toEqual(new Set(["watch-denied"]));
    expect(inspect(host.warnings)).not.toContain("s3cret");
    await recovers(it);
  });

  test("that is missing from the beginning makes a subscription that polls", async () => {
    await using fixture = await openFixture();
    fixture.api.allows = ({ verb }) => verb === "get";
    const subscription = await (await fixture.open()).subscribe?.(["db"], () => undefined, forever);
    expect(subscription?.state).toEqual({ mode: "poll", code: "watch-denied" });
  });
});
