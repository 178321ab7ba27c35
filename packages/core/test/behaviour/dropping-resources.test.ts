import { describe, expect, test } from "vitest";
import { type DeriveOptions, declareSecrets } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";
import { settledOf } from "../scripted-client.ts";

const declared = declareSecrets({ db: { ref: "db" } });

/** A client that holds "one", and a derived resource named after its value with the log of what happened to it. */
async function client(overrides: Partial<DeriveOptions<string, string>> = {}) {
  const made = declaredClient(declared, { supports: { subscribe: "local", versions: false } });
  made.store.set("db", "one");
  const log: string[] = [];
  const derived = made.secrets.derive("db", {
    open: (secret) => {
      log.push(`open ${secret.reveal()}`);
      return secret.reveal();
    },
    close: (resource) => void log.push(`close ${resource}`),
    ...overrides,
  });
  await made.secrets.ready();
  const rotate = async (value: string): Promise<void> => {
    made.store.set("db", value);
    made.store.hint("db");
    await made.clock.flush();
  };
  return { ...made, rotate, derived, log };
}

describe("a derived resource of a dropped value", () => {
  test("is closed at once while its grace period runs", async () => {
    const { secrets, clock, rotate, derived, log } = await client();
    const leaked = secrets.latest("db");
    await rotate("good");
    await clock.advance(1_000);
    expect(log).toEqual(["open one", "open good"]);
    secrets.invalidate("db", { drop: leaked });
    await clock.flush();
    expect(log).toEqual(["open one", "open good", "close one"]);
    expect(derived.current).toBe("good");
    await clock.advance(60_000);
    expect(log).toEqual(["open one", "open good", "close one"]);
  });

  test("is closed at once while it is the present one", async () => {
    const { secrets, clock, rotate, derived, log } = await client();
    secrets.invalidate("db", { drop: true });
    await clock.flush();
    expect(() => derived.current).toThrow(expect.objectContaining({ reason: "dropped" }));
    expect(log).toEqual(["open one", "close one"]);
    await rotate("good");
    expect(derived.current).toBe("good");
    await clock.advance(60_000);
    expect(log).toEqual(["open one", "close one", "open good"]);
  });

  test("does not become current when it opens only after the drop", async () => {
    const opening = Promise.withResolvers<void>();
    const log: string[] = [];
    const { secrets, clock, rotate, derived } = await client({
      open: async (secret) => {
        const value = secret.reveal();
        log.push(`open ${value}`);
        if (value === "leaked") await opening.promise;
        return value;
      },
      close: (resource) => void log.push(`close ${resource}`),
    });
    await rotate("leaked");
    secrets.invalidate("db", { drop: true });
    opening.resolve();
    await clock.advance(1_000);
    expect(() => derived.current).toThrow(expect.objectContaining({ reason: "dropped" }));
    expect(log).toContain("close leaked");
    await rotate("good");
    expect(derived.current).toBe("good");
  });

  test("that came late does not become current either", async () => {
    const { secrets, clock } = await client();
    const opening = Promise.withResolvers<void>();
    const log: string[] = [];
    const late = secrets.derive("db", {
      open: async (secret) => {
        await opening.promise;
        return secret.reveal();
      },
      close: (resource) => void log.push(`close ${resource}`),
    });
    const ready = settledOf(late.ready);
    secrets.invalidate("db", { drop: true });
    opening.resolve();
    await clock.advance(1_000);
    expect(ready.now.state).toBe("pending");
    expect(() => late.current).toThrow(expect.objectContaining({ reason: "dropped" }));
    expect(log).toEqual(["close one"]);
  });

  test("is rolled back when the value is dropped between its opening and the takeover", async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const opening = Promise.withResolvers<string>();
      const log: string[] = [];
      const { secrets, clock, rotate, derived } = await client({
        open: (secret) => (secret.reveal() === "leaked" ? opening.promise : secret.reveal()),
        close: (resource) => void log.push(`close ${resource}`),
      });
      await rotate("leaked");
      opening.resolve("leaked");
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      secrets.invalidate("db", { drop: true });
      await clock.advance(1_000);
      expect(() => secrets.latest("db"), `${turns} turns`).toThrow(expect.objectContaining({ reason: "dropped" }));
      expect(() => derived.current, `${turns} turns`).toThrow(expect.objectContaining({ reason: "dropped" }));
      expect(log, `${turns} turns`).toContain("close leaked");
      await secrets.close();
    }
  });
});
