import { describe, expect, test } from "vitest";
import { type Adapters, createSecrets, declareSecrets, type Secret, SecretError } from "../../src/index.ts";
import type { Provider } from "../../src/provider.ts";
import { createRedactor } from "../../src/redact/redactor.ts";
import { manualClock } from "../../src/testing/index.ts";
import { pollMs } from "../declared-client.ts";
import { advanceUntil, settledOf } from "../scripted-client.ts";

const boom = (): never => {
  throw new TypeError("s3cret-fixture");
};
const explosive: object = new Proxy({}, { get: boom, has: boom, ownKeys: boom, getOwnPropertyDescriptor: boom });
/** What `await` looks for. */
const hook = "then";
const thenable: object = Object.defineProperty({}, hook, { get: boom });

type Part = "get" | "subscribe" | "dispose" | "close" | "check" | "diagnose" | "isDynamic";

/** A client of a store of which the test spoils a part, for as long as it likes. */
function client() {
  const clock = manualClock();
  const spoilt = new Map<Part, () => unknown>();
  const hints = new Set<() => void>();
  const state = { value: "one", reads: 0 };
  const or = (part: Part, usual: () => unknown): unknown => (spoilt.get(part) ?? usual)();
  const provider = {
    supports: { payload: "value", versions: false, subscribe: "local", conditional: false, defaultPollMs: pollMs },
    get: () => {
      state.reads += 1;
      return or("get", async () => ({
        status: "ok",
        version: state.value,
        payload: { kind: "value", bytes: Buffer.from(state.value) },
      }));
    },
    subscribe: (_paths: readonly string[], hint: () => void) =>
      or("subscribe", async () => {
        hints.add(hint);
        return {
          [Symbol.asyncDispose]: () => {
            hints.delete(hint);
            return or("dispose", async () => undefined);
          },
        };
      }),
    isDynamic: () => or("isDynamic", () => false),
    check: () => or("check", async () => undefined),
    diagnose: () => or("diagnose", async () => []),
    close: () => or("close", async () => undefined),
  } as unknown as Provider;
  const options = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } };
  const adapter = { name: "spoilt", options: async () => options, open: () => provider };
  const secrets = createSecrets({
    strict: false,
    declare: declareSecrets({ db: { ref: "db" } }),
    adapters: { spoilt: adapter } as unknown as Adapters,
    config: { providers: { store: { use: "spoilt" } }, routes: [{ match: "**", to: ["store"] }] },
    clock,
    random: () => 0.5,
    redactor: createRedactor(),
  });
  const hint = async (): Promise<void> => {
    for (const one of [...hints]) one();
    await clock.flush();
  };
  return { secrets, clock, spoilt, state, hint, hints };
}

/** Ways in which an adapter fails. */
const failures: readonly (readonly [string, () => unknown])[] = [
  ["throws at once", boom],
  [
    "throws something that cannot be looked at",
    () => {
      throw explosive;
    },
  ],
  ["rejects with undefined", () => Promise.reject(undefined)],
  ["answers nothing", () => undefined],
  ["answers something that cannot be looked at", async () => explosive],
  ["answers something that cannot be awaited", () => thenable],
  [
    "answers a payload that cannot be looked at",
    async () => ({
      status: "ok",
      version: "2",
      get payload() {
        return boom();
      },
    }),
  ],
  [
    "answers fields that are none",
    async () => ({ status: "ok", version: "2", payload: { kind: "fields", fields: 5 } }),
  ],
  ["answers a version that is no text", async () => ({ status: "ok", version: explosive, payload: explosive })],
];

describe.each(failures)("an adapter whose part %s", (_, fail) => {
  test("as `get` leaves the last good value, is asked again, and is served as soon as it works", async () => {
    const { secrets, clock, spoilt, state, hint } = client();
    await secrets.ready();
    spoilt.set("get", fail);
    await hint();
    expect(secrets.latest("db").reveal()).toBe("one");
    const fresh = settledOf(secrets.getSecret("db", { freshness: "fresh" }));
    await clock.advance(11_000);
    expect(fresh.now.state).toBe("rejected");
    expect((fresh.now as { error: unknown }).error).toBeInstanceOf(SecretError);
    const before = state.reads;
    await clock.advance(10 * pollMs);
    expect(state.reads).toBeGreaterThan(before + 5);
    spoilt.clear();
    state.value = "two";
    await clock.advance(2 * pollMs);
    expect(secrets.latest("db").reveal()).toBe("two");
    await secrets.close();
  });

  test("as `subscribe` leaves the poll", async () => {
    const { secrets, clock, spoilt, state } = client();
    spoilt.set("subscribe", fail);
    await advanceUntil(clock, secrets.ready());
    state.value = "two";
    await clock.advance(2 * pollMs);
    expect(secrets.latest("db").reveal()).toBe("two");
    await advanceUntil(clock, secrets.close());
  });

  test.each(["dispose", "close", "isDynamic"] as const)(
    "as `%s` keeps nothing from working or ending",
    async (part) => {
      const { secrets, clock, spoilt, state, hint } = client();
      spoilt.set(part, () => {
        const answer = fail();
        // Nobody awaits what should be a boolean.
        if (part === "isDynamic" && answer instanceof Promise) answer.catch(() => undefined);
        return answer;
      });
      await advanceUntil(clock, secrets.ready());
      state.value = "two";
      await hint();
      expect(secrets.latest("db").reveal()).toBe("two");
      const watch = secrets.watch("free");
      await watch.ready;
      await watch.close();
      await clock.advance(1_000);
      await advanceUntil(clock, secrets.close());
      expect(clock.armed).toBe(0);
    },
  );

  test("as `check` or `diagnose` is a finding", async () => {
    const { secrets, clock, spoilt } = client();
    await secrets.ready();
    spoilt.set("check", fail);
    spoilt.set("diagnose", fail);
    const findings = await advanceUntil(clock, secrets.diagnose());
    expect(JSON.stringify(findings)).not.toContain("s3cret-fixture");
    expect(secrets.latest("db").reveal()).toBe("one");
    await secrets.close();
  });
});

test("a subscription whose state cannot be read leaves health readable", async () => {
  const { secrets, spoilt } = client();
  spoilt.set("subscribe", async () => ({
    get state() {
      return boom();
    },
    [Symbol.asyncDispose]: async () => undefined,
  }));
  await secrets.ready();
  expect(secrets.health().status).toMatch(/^(ok|degraded)$/);
  expect((secrets.latest("db") as Secret).reveal()).toBe("one");
  await secrets.close();
});

test("a hint that comes after the end reads nothing", async () => {
  const { secrets, clock, hints, state } = client();
  await secrets.ready();
  const [late] = [...hints];
  await secrets.close();
  const before = state.reads;
  late?.();
  await clock.advance(pollMs);
  expect(late).toBeDefined();
  expect(state.reads).toBe(before);
});
