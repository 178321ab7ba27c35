import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { Duration } from "../time/duration.ts";

const hour = 3_600_000;
const day = 24 * hour;

function client(rotateEvery: Duration) {
  return declaredClient(declareSecrets({ db: { ref: "db", rotateEvery } }));
}

describe("rotateEvery", () => {
  test("counts from the version's createdAt: overdue is one event, a health field and a finding, no failed read", async () => {
    const { secrets, store, clock, eventsOf } = client("90d");
    store.set("db", "one", { createdAt: new Date(clock.now() - 89 * day) });
    await secrets.ready();
    expect(secrets.health().secrets[0]).not.toHaveProperty("overdue");
    await clock.advance(day + 1_000);
    expect(eventsOf("overdue")).toEqual([{ type: "overdue", reference: "db", ageMs: expect.any(Number) }]);
    expect(eventsOf("overdue")[0]?.ageMs).toBeGreaterThan(90 * day);
    expect(secrets.health()).toMatchObject({ status: "ok", secrets: [{ overdue: true }] });
    expect(await secrets.diagnose()).toEqual([
      expect.objectContaining({ level: "warning", code: "overdue", reference: "db" }),
    ]);
    expect((await secrets.getSecret("db", { freshness: "fresh" })).reveal()).toBe("one");
    await clock.advance(30 * day);
    expect(eventsOf("overdue")).toHaveLength(1);
  });

  test("counts from the time at which this process first saw the content, if the store reports no creation time", async () => {
    const { secrets, store, clock, eventsOf } = client("2h");
    store.set("db", "one");
    await secrets.ready();
    await clock.advance(hour);
    store.set("db", "one");
    await clock.advance(hour + 2_000);
    expect(eventsOf("overdue")).toHaveLength(1);
  });

  test("restarts with a rotation", async () => {
    const { secrets, store, clock, eventsOf } = client("2h");
    store.set("db", "one");
    await secrets.ready();
    await clock.advance(hour);
    store.set("db", "two");
    await clock.advance(hour + hour / 2);
    expect(eventsOf("overdue")).toHaveLength(0);
    await clock.advance(hour);
    expect(eventsOf("overdue")).toHaveLength(1);
    store.set("db", "three");
    await nextPoll({ clock });
    expect(secrets.health().secrets[0]).not.toHaveProperty("overdue");
    await clock.advance(2 * hour + 2_000);
    expect(eventsOf("overdue")).toHaveLength(2);
  });

  test("reports an already overdue value at once; only different content ends it, not a new version of the same content", async () => {
    const { secrets, store, clock, eventsOf } = client("2h");
    store.set("db", "one", { createdAt: new Date(clock.now() - 3 * hour) });
    await secrets.ready();
    await clock.advance(2_000);
    expect(eventsOf("overdue")).toHaveLength(1);
    store.set("db", "one", { createdAt: new Date(clock.now()) });
    await nextPoll({ clock });
    expect(secrets.health().secrets[0]).toHaveProperty("overdue", true);
    store.set("db", "two", { createdAt: new Date(clock.now()) });
    await nextPoll({ clock });
    expect(secrets.health().secrets[0]).not.toHaveProperty("overdue");
    await clock.advance(4 * hour + 2_000);
    expect(eventsOf("overdue")).toHaveLength(2);
    expect(secrets.health().secrets[0]).toHaveProperty("overdue", true);
  });

  test("of years works beyond the longest delay of a timer", async () => {
    const { secrets, store, clock, eventsOf } = client("400d");
    store.set("db", "one");
    await secrets.ready();
    await clock.advance(60_000);
    expect(eventsOf("overdue")).toHaveLength(0);
    clock.suspend(401 * day);
    await clock.advance(60_000);
    expect(eventsOf("overdue")).toHaveLength(1);
  });
});
