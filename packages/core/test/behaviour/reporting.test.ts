import { describe, expect, test } from "vitest";
import { declareSecrets } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";

const declared = declareSecrets({ db: { ref: "db" } });
const minute = 60_000;

async function staleClient() {
  const made = declaredClient(declared, {
    supports: { subscribe: "local" },
    config: { cache: { maxStale: "2m" } },
  });
  made.store.set("db", "one");
  await made.secrets.ready();
  const hint = async (): Promise<void> => {
    made.store.hint("db");
    await made.clock.advance(1_000);
  };
  return { ...made, hint };
}

describe("past maxStale", () => {
  test("a denial is told as a denial", async () => {
    const { secrets, store, clock, hint } = await staleClient();
    store.fail("UNAVAILABLE");
    await hint();
    await clock.advance(3 * minute);
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "stale" }));
    store.fail("PERMISSION_DENIED");
    await hint();
    await clock.advance(10 * minute);
    expect(secrets.health().secrets[0]).toMatchObject({ code: "PERMISSION_DENIED" });
    const watch = secrets.watch("db");
    expect(watch.lastError).toMatchObject({ code: "PERMISSION_DENIED" });
  });

  test("the code is that of the last failure", async () => {
    const { secrets, store, clock, hint } = await staleClient();
    store.fail("UNAVAILABLE");
    await hint();
    await clock.advance(3 * minute);
    store.fail("INTERNAL");
    await hint();
    await clock.advance(2 * minute);
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "INTERNAL", reason: "stale" }));
    expect(secrets.health().secrets[0]).toMatchObject({ code: "INTERNAL", reason: "stale" });
  });

  test("a deletion before the outage is no reason to serve without end", async () => {
    const { secrets, store, clock, hint } = await staleClient();
    store.remove("db");
    await hint();
    expect(secrets.latest("db").reveal()).toBe("one");
    store.fail("UNAVAILABLE");
    await hint();
    await clock.advance(60 * minute);
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "stale" }));
    store.heal();
    await hint();
    await clock.advance(2 * minute);
    expect(secrets.latest("db").reveal()).toBe("one");
    expect(secrets.health().secrets[0]).toMatchObject({ state: "deleted" });
  });

  test("a refusal by a store that answers is no outage that a deletion hides", async () => {
    const { secrets, store, clock, hint } = await staleClient();
    store.remove("db");
    await hint();
    await clock.advance(60 * minute);
    expect(secrets.latest("db").reveal()).toBe("one");
  });
});
