import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll, pollMs } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { json } from "../decode/json.ts";
import type { SecretChange } from "../watch/secret-change.ts";

const minute = 60_000;

describe("onDelete", () => {
  const declared = declareSecrets({ kept: { ref: "kept" }, cleared: { ref: "cleared", onDelete: "clear" } });

  test("keeps the value by default, or throws NOT_FOUND until the secret is back", async () => {
    const { secrets, store, clock, eventsOf } = declaredClient(declared);
    for (const name of ["kept", "cleared"]) store.set(name, "one");
    await secrets.ready();
    for (const name of ["kept", "cleared"]) store.remove(name);
    await nextPoll({ clock });
    expect(secrets.latest("kept").reveal()).toBe("one");
    expect((await secrets.getSecret("kept")).reveal()).toBe("one");
    const gone = expect.objectContaining({ code: "NOT_FOUND", definitive: true });
    expect(() => secrets.latest("cleared")).toThrow(gone);
    await expect(secrets.getSecret("cleared")).rejects.toEqual(gone);
    const deleted = eventsOf("delete").map(({ reference, served, required }) => [reference, served, required]);
    expect(deleted.sort()).toEqual([
      ["cleared", false, true],
      ["kept", true, true],
    ]);
    expect(secrets.health()).toMatchObject({ status: "down", secrets: [{ state: "deleted" }, { state: "down" }] });
    for (const name of ["kept", "cleared"]) store.set(name, "one");
    await nextPoll({ clock });
    expect(secrets.latest("cleared").reveal()).toBe("one");
    expect(secrets.health().status).toBe("ok");
  });

  test("goes on throwing NOT_FOUND while the store is out of reach after the deletion, and what refuses a new value", async () => {
    const picky = declareSecrets({ db: { ref: "db", onDelete: "clear", accept: (next) => next.reveal() === "one" } });
    const { secrets, store, clock } = declaredClient(picky);
    store.set("db", "one");
    await secrets.ready();
    store.remove("db");
    await nextPoll({ clock });
    for (const code of ["UNAVAILABLE", "PERMISSION_DENIED"] as const) {
      store.fail(code);
      await nextPoll({ clock });
      expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "NOT_FOUND", definitive: true }));
    }
    store.heal();
    store.set("db", "two");
    await nextPoll({ clock });
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "REFUSED" }));
  });

  test("an ambiguous not-found clears nothing", async () => {
    const { secrets, store, clock } = declaredClient(declared);
    for (const name of ["kept", "cleared"]) store.set(name, "one");
    await secrets.ready();
    store.script = () => ({ status: "not-found", definitive: false });
    await nextPoll({ clock });
    expect(secrets.latest("cleared").reveal()).toBe("one");
    expect(secrets.health()).toMatchObject({ status: "degraded", secrets: [{ state: "denied" }, { state: "denied" }] });
  });
});

describe("an optional secret", () => {
  const declared = declareSecrets({ maybe: { ref: "maybe", optional: true } });

  test("that does not exist is undefined everywhere, and that is a good answer", async () => {
    const { secrets, eventsOf } = declaredClient(declared);
    const watch = secrets.watch("maybe");
    expect(await watch.ready).toBeUndefined();
    await secrets.ready();
    expect(secrets.latest("maybe")).toBeUndefined();
    expect(await secrets.getSecret("maybe")).toBeUndefined();
    expect(await secrets.getSecret("maybe", { freshness: "fresh" })).toBeUndefined();
    expect(secrets.accepted("maybe")).toEqual([]);
    expect(watch.latest).toBeUndefined();
    expect(watch.lastError).toBeUndefined();
    expect(secrets.health()).toMatchObject({ status: "ok", secrets: [{ state: "absent", required: false }] });
    expect(eventsOf("error")).toEqual([]);
  });

  test("comes, goes and comes back: initial, deleted, recreated", async () => {
    const { secrets, store, clock } = declaredClient(declared);
    const watch = secrets.watch("maybe");
    const told: string[] = [];
    watch.on(
      "change",
      ({ current, previous, reason }) => told.push(`${reason} ${previous?.reveal()} ${current.reveal()}`),
      { initial: true },
    );
    watch.on("delete", () => told.push("deleted"));
    await watch.ready;
    const iterator = watch[Symbol.asyncIterator]();
    store.set("maybe", "one");
    await nextPoll({ clock });
    expect((await iterator.next()).value.reason).toBe("initial");
    expect(secrets.latest("maybe")?.reveal()).toBe("one");
    store.remove("maybe");
    await nextPoll({ clock });
    expect(secrets.latest("maybe")).toBeUndefined();
    expect(await secrets.getSecret("maybe")).toBeUndefined();
    store.set("maybe", "one");
    await nextPoll({ clock });
    expect(secrets.latest("maybe")?.reveal()).toBe("one");
    expect(told).toEqual(["initial undefined one", "deleted", "recreated undefined one"]);
  });

  test("that appears is a change for listeners that were added while it was absent, but not if it existed", async () => {
    const { secrets, store, clock } = declaredClient(declared);
    const watch = secrets.watch("maybe");
    const told: string[] = [];
    const tell =
      (who: string) =>
      ({ current, previous, reason }: SecretChange): void =>
        void told.push(`${who} ${reason} ${previous?.reveal()} ${current.reveal()}`);
    watch.on("change", tell("before the load:"));
    expect(await watch.ready).toBeUndefined();
    watch.on("change", tell("after it:"));
    store.set("maybe", "one");
    await nextPoll({ clock });
    secrets.watch("maybe").on("change", tell("after the value:"));
    await nextPoll({ clock });
    expect(told).toEqual(["before the load: initial undefined one", "after it: initial undefined one"]);

    const present = declaredClient(declared);
    present.store.set("maybe", "one");
    present.secrets.watch("maybe").on("change", tell("nobody:"));
    await present.secrets.ready();
    await nextPoll({ clock: present.clock });
    expect(told).toHaveLength(2);
  });

  test("that cannot be read keeps its value, and does not count as absent before the first one", async () => {
    const { secrets, store, clock } = declaredClient(declared);
    store.fail("PERMISSION_DENIED");
    await expect(secrets.getSecret("maybe")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    expect(() => secrets.latest("maybe")).toThrow(expect.objectContaining({ code: "NOT_READY" }));
    store.heal();
    store.set("maybe", "one");
    await nextPoll({ clock });
    store.fail("UNAVAILABLE");
    await nextPoll({ clock });
    expect(secrets.latest("maybe")?.reveal()).toBe("one");
  });
});

describe("onDenied", () => {
  const declared = declareSecrets({ db: { ref: "db" } });

  test.each(["keep", "throw"] as const)(
    "%s decides the effect of a denial; health and an event report it at once",
    async (onDenied) => {
      const { secrets, store, clock, eventsOf } = declaredClient(declared, { config: { onDenied } });
      store.set("db", "one");
      await secrets.ready();
      store.fail("PERMISSION_DENIED");
      await nextPoll({ clock });
      const served = onDenied === "keep";
      expect(eventsOf("error")).toEqual([expect.objectContaining({ code: "PERMISSION_DENIED", served })]);
      if (onDenied === "keep") {
        expect(secrets.latest("db").reveal()).toBe("one");
        expect(secrets.health()).toMatchObject({ status: "degraded", secrets: [{ state: "denied" }] });
      } else {
        const denied = expect.objectContaining({ code: "PERMISSION_DENIED", reference: "db" });
        expect(() => secrets.latest("db")).toThrow(denied);
        await expect(secrets.getSecret("db")).rejects.toEqual(denied);
        expect(secrets.health()).toMatchObject({ status: "down", secrets: [{ state: "down" }] });
      }
      store.heal();
      await clock.advance(3 * pollMs);
      expect(secrets.latest("db").reveal()).toBe("one");
      expect(secrets.health().status).toBe("ok");
    },
  );

  test("throw stays in effect while the store is down after the denial", async () => {
    const { secrets, store, clock } = declaredClient(declared, { config: { onDenied: "throw" } });
    store.set("db", "one");
    await secrets.ready();
    store.fail("PERMISSION_DENIED");
    await nextPoll({ clock });
    store.fail("UNAVAILABLE");
    await clock.advance(3 * pollMs);
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "PERMISSION_DENIED" }));
  });

  test("throw makes the next read of an undeclared reference reject, too", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({}), {
      config: { onDenied: "throw", cache: { ttl: "1m" } },
    });
    store.set("db", "one");
    await secrets.getSecret("db");
    store.fail("PERMISSION_DENIED");
    await clock.advance(2 * minute);
    await expect(secrets.getSecret("db")).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });
});

describe("maxStale", () => {
  const cache = { maxStale: "10m" };

  test.each([
    ["undecodable", "not json", "INVALID_VALUE", "not-json"],
    ["refused", '{"bad":true}', "REFUSED", "declined"],
  ])("counts from the last good content while every new one is %s", async (_what, broken, code, reason) => {
    const declared = declareSecrets({
      doc: { ref: "doc", as: json(), accept: (next) => !("bad" in (next.reveal() as object)) },
    });
    const { secrets, store, clock } = declaredClient(declared, { config: { cache } });
    store.set("doc", "{}");
    await secrets.ready();
    store.set("doc", broken);
    await clock.advance(9 * minute);
    expect(secrets.latest("doc").reveal()).toEqual({});
    expect(secrets.health().secrets[0]?.reason).toBe(reason);
    await clock.advance(3 * minute);
    expect(() => secrets.latest("doc")).toThrow(expect.objectContaining({ code, reason: "stale" }));
    await expect(secrets.getSecret("doc")).rejects.toMatchObject({ code });
    store.set("doc", '{"good":true}');
    await clock.advance(2 * minute);
    expect(secrets.latest("doc").reveal()).toEqual({ good: true });
  });

  test("reports the code of the last failure", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), { config: { cache } });
    store.set("db", "one");
    await secrets.ready();
    store.fail("UNAVAILABLE");
    await clock.advance(15 * minute);
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "stale" }));
    store.fail("UNAUTHENTICATED");
    await clock.advance(5 * minute);
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED", reason: "stale" }));
  });

  test("leaves a denial and a deletion to their own policies", async () => {
    const declared = declareSecrets({ denied: { ref: "denied" }, gone: { ref: "gone" } });
    const { secrets, store, clock } = declaredClient(declared, { config: { cache } });
    for (const name of ["denied", "gone"]) store.set(name, "one");
    await secrets.ready();
    store.failPath("denied", "PERMISSION_DENIED");
    store.remove("gone");
    await clock.advance(60 * minute);
    expect(secrets.latest("denied").reveal()).toBe("one");
    expect(secrets.latest("gone").reveal()).toBe("one");
  });
});
