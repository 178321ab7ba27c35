import { afterEach, beforeEach, expect, test } from "vitest";
import { declaredClient, nextPoll } from "../../test/declared-client.ts";
import { ScriptedStore } from "../../test/scripted-store.ts";
import { declareSecrets } from "../declare/declare.ts";
import { createRedactor } from "../redact/redactor.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { createSecrets } from "./secrets.ts";

// A process with --unhandled-rejections=strict would end at the first unhandled rejection.
const unhandled: unknown[] = [];
const collect = (error: unknown): void => void unhandled.push(error);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", collect);
});
afterEach(() => {
  process.off("unhandledRejection", collect);
});

const declared = declareSecrets({ db: { ref: "db" } });

test("an unawaited `ready` of a watch and of a derived resource causes no unhandled rejection", async () => {
  const { secrets, store, clock } = declaredClient(declared);
  store.fail("PERMISSION_DENIED");
  secrets.watch("db");
  secrets.watch("no/such");
  secrets.derive("db", { open: () => Promise.reject(new Error("never called")) });
  await clock.advance(60_000);
  await secrets.close();
  await clock.flush();
  expect(unhandled).toEqual([]);
});

test("a failed start rejects only the calls that wait for it", async () => {
  const clock = manualClock();
  const secrets = createSecrets({
    declare: declared,
    strict: false,
    adapters: {},
    config: { providers: { store: { use: "none" } }, routes: [{ match: "**", to: ["store"] }] },
    clock,
    redactor: createRedactor(),
  });
  secrets.watch("db");
  secrets.watch("other");
  secrets.derive("db", { open: () => 1 });
  await expect(secrets.ready()).rejects.toMatchObject({ code: "NOT_READY" });
  await secrets.close();
  await clock.flush();
  expect(unhandled).toEqual([]);
});

test("aborted calls, and failures after their abort, cause no unhandled rejection", async () => {
  const { secrets, store, clock } = declaredClient(declared);
  store.latencyMs = 1_000;
  const leaving = new AbortController();
  const reads = [
    secrets.getSecret("db", { signal: leaving.signal }),
    secrets.getSecret("db", { timeout: 10 }),
    secrets.ready({ signal: leaving.signal, missing: "wait" }),
    secrets.ready({ timeout: 10 }),
  ].map((work) => work.catch(() => "left"));
  await clock.advance(20);
  leaving.abort();
  expect(await Promise.all(reads)).toEqual(["left", "left", "left", "left"]);
  store.fail("UNAVAILABLE");
  await clock.advance(60_000);
  await secrets.close();
  expect(unhandled).toEqual([]);
});

test("application code that rejects after its timeout causes no unhandled rejection", async () => {
  const late = Promise.withResolvers<never>();
  const accept = (next: { reveal(): string }): Promise<boolean> | boolean => next.reveal() === "one" || late.promise;
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", accept } }));
  store.set("db", "one");
  await secrets.ready();
  const opening = Promise.withResolvers<never>();
  secrets.derive("db", { open: () => opening.promise });
  secrets.watch("db").on("change", async () => Promise.reject(new Error("the listener fails")));
  store.set("db", "two");
  await nextPoll({ clock });
  await secrets.close();
  late.reject(new Error("too late"));
  opening.reject(new Error("too late"));
  await clock.flush();
  expect(unhandled).toEqual([]);
});

test.each(["throws", "rejects"] as const)(
  "a provider whose close and subscription %s causes no unhandled rejection",
  async (how) => {
    const fail = (): Promise<never> => {
      const error = new Error("it ends badly");
      if (how === "throws") throw error;
      return Promise.reject(error);
    };
    const store = new ScriptedStore();
    store.supports = { ...store.supports, subscribe: "local" };
    store.set("db", "one");
    const adapter = store.adapter();
    const open: typeof adapter.open = async (options, host) => ({
      ...(await adapter.open(options, host)),
      close: fail,
      subscribe: async () => ({ [Symbol.asyncDispose]: fail }),
    });
    const clock = manualClock();
    const secrets = createSecrets({
      declare: declared,
      strict: false,
      adapters: { store: { ...adapter, open } },
      config: { providers: { store: { use: "store" } }, routes: [{ match: "**", to: ["store"] }] },
      clock,
      redactor: createRedactor(),
    });
    await secrets.ready();
    await secrets.close();
    await clock.flush();
    expect(unhandled).toEqual([]);
  },
);
