import { describe, expect, test } from "vitest";
import { advanceUntil, latest, scriptedClient, settledOf } from "../../test/scripted-client.ts";
import { pair } from "../../test/store-pair.ts";
import { declareSecrets } from "../declare/declare.ts";
import { SecretError, type SecretErrorCode } from "../error/secret-error.ts";

const minute = 60_000;
const declare = declareSecrets({ db: { ref: "db" } });

test("the error for a missing secret names every place in which it was looked for", async () => {
  const { secrets } = scriptedClient({
    stores: ["mount", "vault"],
    config: { routes: [{ match: "**", to: ["mount", "vault"], fallbackOn: ["NOT_FOUND"] }] },
  });
  await expect(secrets.getSecret("db/primary")).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining('"db/primary" (provider "mount"), and no "db/primary" (provider "vault")'),
  });
  await secrets.close();
});

describe("a sticky source", () => {
  test.each<SecretErrorCode | "missing">(["UNAVAILABLE", "THROTTLED", "missing"])(
    "keeps serving through %s: an outage or a deletion never causes a fallback",
    async (trouble) => {
      const { secrets, clock, a, b } = pair(["NOT_FOUND", "UNAVAILABLE", "THROTTLED"], { declare });
      a.set("db", "from a");
      b.set("db", "from b");
      await secrets.ready();
      if (trouble === "missing") a.remove("db");
      else a.fail(trouble);
      await clock.advance(60 * minute);
      expect(latest(secrets, "db")).toBe("from a");
      expect(b.reads).toHaveLength(0);
    },
  );

  test("is a fallback after a failed first load, and that is reported", async () => {
    const { secrets, a, b, eventsOf } = pair(["UNAVAILABLE"], { declare });
    a.fail("UNAVAILABLE");
    b.set("db", "from b");
    await secrets.ready();
    const { meta } = await secrets.getSecret("db");
    expect([meta.provider, meta.fallback]).toEqual(["b", true]);
    expect(eventsOf("provider-degraded")).toContainEqual(
      expect.objectContaining({ provider: "b", code: "fallback", reference: "db" }),
    );
    expect(secrets.health().status).toBe("degraded");
  });

  test("that is a fallback follows its own rotations while the primary is down", async () => {
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"], { declare });
    a.fail("UNAVAILABLE");
    b.set("db", "b1");
    await secrets.ready();
    b.set("db", "b2");
    await clock.advance(2 * minute);
    expect(latest(secrets, "db")).toBe("b2");
  });

  test("that is a fallback keeps asking the primary, whose first good answer is adopted", async () => {
    const { secrets, clock, a, b, eventsOf } = pair(["UNAVAILABLE"], { declare });
    a.fail("UNAVAILABLE");
    b.set("db", "from b");
    await secrets.ready();
    a.heal();
    a.set("db", "from a");
    await clock.advance(minute);
    expect(latest(secrets, "db")).toBe("from a");
    expect((await secrets.getSecret("db")).meta.fallback).toBe(false);
    expect(eventsOf("change").map(({ reason, provider }) => [reason, provider])).toEqual([
      ["initial", "b"],
      ["rotated", "a"],
    ]);
  });

  test("that moves back to the primary with the same content reports no change", async () => {
    const { secrets, clock, a, b, eventsOf } = pair(["UNAVAILABLE"], { declare });
    a.fail("UNAVAILABLE");
    b.set("db", "same");
    await secrets.ready();
    a.heal();
    a.set("db", "same");
    await clock.advance(minute);
    expect((await secrets.getSecret("db")).meta.provider).toBe("a");
    expect(eventsOf("change")).toHaveLength(1);
  });

  test("of an undeclared reference that is a fallback asks the primary again at each refresh", async () => {
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"]);
    a.fail("UNAVAILABLE");
    b.set("db", "from b");
    expect((await secrets.getSecret("db")).reveal()).toBe("from b");
    a.heal();
    a.set("db", "from a");
    await clock.advance(6 * minute);
    await secrets.getSecret("db");
    await clock.flush();
    expect((await secrets.getSecret("db")).reveal()).toBe("from a");
  });

  test("whose value is older than maxStale gives way to the next", async () => {
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"], { declare, config: { cache: { maxStale: "10m" } } });
    a.set("db", "from a");
    b.set("db", "from b");
    await secrets.ready();
    a.fail("UNAVAILABLE");
    await clock.advance(9 * minute);
    expect(latest(secrets, "db")).toBe("from a");
    await clock.advance(2 * minute);
    expect(latest(secrets, "db")).toBe("from b");
  });

  test("whose value has expired gives way to the next", async () => {
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"], { declare });
    a.set("db", "from a", { expiresAt: new Date(clock.now() + 10 * minute) });
    b.set("db", "from b");
    await secrets.ready();
    a.fail("UNAVAILABLE");
    await clock.advance(10 * minute - 1);
    expect(latest(secrets, "db")).toBe("from a");
    await clock.advance(1_000);
    expect(latest(secrets, "db")).toBe("from b");
  });

  test("counts each failure once", async () => {
    const { secrets, a, eventsOf } = pair(["NOT_FOUND"], { declare });
    a.set("db", "from a");
    await secrets.ready();
    a.fail("INTERNAL");
    for (let failure = 0; failure < 3; failure += 1) {
      await secrets.getSecret("db", { freshness: "fresh" }).catch(() => undefined);
    }
    a.heal();
    await secrets.getSecret("db", { freshness: "fresh" });
    expect(eventsOf("recovered")).toMatchObject([{ failures: 3 }]);
  });

  test("reports an unchanged failure once to each view", async () => {
    const { secrets, clock, a, eventsOf } = pair(["NOT_FOUND"], { declare });
    a.set("db", "from a");
    await secrets.ready();
    a.fail("UNAVAILABLE");
    await clock.advance(10 * minute);
    expect(eventsOf("error")).toHaveLength(1);
  });
});

describe("a chain without a value", () => {
  test("reports its first answer that is not a definitive not-found", async () => {
    const client = scriptedClient({
      stores: ["a", "b", "c"],
      config: { routes: [{ match: "**", to: ["a", "b", "c"], fallbackOn: ["NOT_FOUND", "UNAVAILABLE", "THROTTLED"] }] },
    });
    client.stores.b?.fail("THROTTLED");
    client.stores.c?.fail("UNAVAILABLE");
    const error = await advanceUntil(
      client.clock,
      client.secrets.getSecret("db").catch((thrown: SecretError) => thrown),
    );
    expect(error).toMatchObject({ code: "THROTTLED", provider: "b" });
  });

  test("is NOT_FOUND only if every source that was asked says so definitively", async () => {
    const { secrets } = pair(["NOT_FOUND"]);
    await expect(secrets.getSecret("db")).rejects.toMatchObject({ code: "NOT_FOUND", definitive: true });
  });

  test("backs off like any other: no source is asked twice within half a second", async () => {
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"]);
    a.fail("UNAVAILABLE");
    b.fail("UNAVAILABLE");
    await advanceUntil(
      clock,
      secrets.getSecret("db").catch(() => undefined),
    );
    for (const { reads } of [a, b]) {
      expect(reads.length).toBeLessThanOrEqual(3);
      for (const [index, { at }] of reads.entries())
        expect(at - (reads[index - 1]?.at ?? -1_000)).toBeGreaterThanOrEqual(500);
    }
  });

  test("backs off in the background too: reading one source does not shorten the backoff of the others", async () => {
    let draw = 0;
    const random = () => {
      draw += 1;
      return (draw % 10) / 10;
    };
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"], { declare, random });
    a.fail("INTERNAL");
    await advanceUntil(
      clock,
      secrets.ready().catch(() => undefined),
    );
    a.fail("UNAVAILABLE");
    b.fail("UNAVAILABLE");
    await clock.advance(20 * minute);
    for (const { reads } of [a, b]) {
      const times = new Set(reads.map(({ at }) => at));
      expect(times.size).toBe(reads.length);
      expect(reads.length).toBeLessThan(45);
    }
  });

  test("asks a source again when its own backoff has ended, although another's was shorter", async () => {
    let draw = 0;
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"], { random: () => draw });
    const drawing = (value: number) => () => {
      draw = value;
      return new SecretError("UNAVAILABLE", "as scripted");
    };
    a.script = drawing(0.99);
    b.script = drawing(0);
    await advanceUntil(
      clock,
      secrets.getSecret("db").catch(() => undefined),
    );
    const [first, second] = a.reads as unknown as [{ at: number }, { at: number }];
    expect(second.at - first.at).toBeGreaterThanOrEqual(995);
  });

  test("finds a fallback that recovers while the primary has no value", async () => {
    const { secrets, clock, b } = pair(["NOT_FOUND"], {
      declare,
      providerOptions: { a: { pollInterval: "1h" }, b: { pollInterval: "1h" } },
    });
    b.fail("UNAVAILABLE");
    await advanceUntil(
      clock,
      secrets.ready().catch(() => undefined),
    );
    await clock.advance(5 * minute);
    b.heal();
    b.set("db", "from b");
    await clock.advance(minute);
    expect(latest(secrets, "db")).toBe("from b");
  });

  test("backs off where its first failure does not fall through", async () => {
    const { secrets, clock, a } = pair(["NOT_FOUND"]);
    a.fail("UNAVAILABLE");
    await advanceUntil(
      clock,
      secrets.getSecret("db").catch(() => undefined),
    );
    expect(a.reads.length).toBe(3);
    const [first, second, third] = a.reads.map(({ at }) => at) as [number, number, number];
    expect(second - first).toBeGreaterThanOrEqual(500);
    expect(third - second).toBeGreaterThanOrEqual(1_000);
  });
});

describe("waiting for a slow source", () => {
  test("a first load waits 4 s for a source with another behind it, and its late answer counts", async () => {
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"]);
    a.latencyMs = 6_000;
    a.set("db", "from a");
    b.set("db", "from b");
    const fate = settledOf(secrets.getSecret("db"));
    await clock.advance(3_999);
    expect([fate.now.state, b.reads.length]).toEqual(["pending", 0]);
    await clock.advance(1);
    expect(fate.now.state === "resolved" && fate.now.value.reveal()).toBe("from b");
    await clock.advance(2_000);
    expect(secrets.health().providers.find(({ name }) => name === "a")?.failures).toBe(0);
  });

  test("a late answer in a refreshed chain is adopted as a recovery", async () => {
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"], { declare });
    a.latencyMs = 6_000;
    a.set("db", "from a");
    b.set("db", "from b");
    const ready = secrets.ready();
    await clock.advance(4_000);
    await ready;
    expect(latest(secrets, "db")).toBe("from b");
    await clock.advance(2_000);
    expect(latest(secrets, "db")).toBe("from a");
    expect(a.reads).toHaveLength(1);
  });

  test("the last source has its whole deadline of 10 s", async () => {
    const { secrets, clock, a, b } = pair(["UNAVAILABLE"]);
    a.fail("UNAVAILABLE");
    b.latencyMs = 9_000;
    b.set("db", "from b");
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("from b");
  });

  test("an unavailable provider with a fallback is skipped without a call", async () => {
    const { secrets, a, b } = pair(["THROTTLED"]);
    a.fail("THROTTLED", { retryAfterMs: 60_000 });
    for (const name of ["db", "mq", "cache"]) b.set(name, "from b");
    for (const name of ["db", "mq", "cache"]) expect((await secrets.getSecret(name)).reveal()).toBe("from b");
    expect(a.reads).toHaveLength(1);
  });
});

describe("@previous", () => {
  test("comes from the source of current", async () => {
    const { secrets, a, b } = pair(["UNAVAILABLE"]);
    a.fail("UNAVAILABLE");
    b.set("db", "b1");
    b.set("db", "b2");
    a.set("db", "a1");
    a.set("db", "a2");
    await secrets.getSecret("db");
    expect((await secrets.getSecret("db@previous")).reveal()).toBe("b1");
  });

  test("of a refreshed secret changes when the current version does", async () => {
    const declared = declareSecrets({ old: { ref: "db@previous" } });
    const { secrets, clock, a } = pair([], { declare: declared });
    a.set("db", "one");
    a.set("db", "two");
    await secrets.ready();
    expect(latest(secrets, "old")).toBe("one");
    a.set("db", "three");
    await clock.advance(70_000);
    expect(latest(secrets, "old")).toBe("two");
  });

  test("backs off while the store fails for it alone", async () => {
    const { secrets, clock, a } = pair([]);
    a.set("db", "one");
    a.script = ({ version }) => (version === "previous" ? new SecretError("UNAVAILABLE", "no") : undefined);
    await advanceUntil(
      clock,
      secrets.getSecret("db@previous").catch(() => undefined),
    );
    const tries = a.reads.filter(({ version }) => version === "previous").map(({ at }) => at);
    expect(tries.length).toBeLessThanOrEqual(3);
    for (const [index, at] of tries.entries()) expect(at - (tries[index - 1] ?? -1_000)).toBeGreaterThanOrEqual(500);
  });

  test("where the store keeps no versions is UNSUPPORTED, without a call for it", async () => {
    const { secrets, a } = pair([]);
    a.supports = { ...a.supports, versions: false };
    a.set("db", "one");
    await expect(secrets.getSecret("db@previous")).rejects.toMatchObject({ code: "UNSUPPORTED", reason: "versions" });
    expect(a.reads.filter(({ version }) => version === "previous")).toHaveLength(0);
  });
});
