import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll, pollMs } from "../../test/declared-client.ts";
import { advanceUntil, settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import type { Accept } from "./accept.ts";

/** One call of `accept`, settled by the test. */
interface Asked {
  readonly next: string;
  readonly previous: string | undefined;
  readonly signal: AbortSignal;
  readonly answer: PromiseWithResolvers<boolean | undefined>;
}

/** A client whose `accept` answers when the test says so; "one" is taken over. */
async function deciding() {
  const asked: Asked[] = [];
  const accept: Accept<string> = (next, previous, signal) => {
    const answer = Promise.withResolvers<boolean | undefined>();
    asked.push({ next: next.reveal(), previous: previous?.reveal(), signal, answer });
    return answer.promise;
  };
  const made = declaredClient(declareSecrets({ db: { ref: "db", accept } }), { supports: { subscribe: "local" } });
  made.store.set("db", "one");
  const ready = made.secrets.ready();
  await made.clock.flush();
  asked[0]?.answer.resolve(true);
  await ready;
  const rotate = async (value: string): Promise<Asked> => {
    made.store.set("db", value);
    made.store.hint("db");
    await made.clock.flush();
    return asked.at(-1) as Asked;
  };
  return { ...made, asked, rotate };
}

function answering(accept: Accept<string>) {
  return declaredClient(declareSecrets({ db: { ref: "db", accept } }), { supports: { subscribe: "local" } });
}

describe("accept", () => {
  test("receives the first value too, and each later value with the one that it would replace", async () => {
    const { secrets, clock, asked, rotate } = await deciding();
    expect(asked).toMatchObject([{ next: "one", previous: undefined }]);
    const second = await rotate("two");
    expect(second).toMatchObject({ next: "two", previous: "one" });
    expect(secrets.latest("db").reveal()).toBe("one");
    second.answer.resolve(undefined);
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("hides a value that it refused from all readers", async () => {
    const { secrets, store, clock } = answering((next) => next.reveal() !== "bad");
    store.set("db", "good");
    await secrets.ready();
    const derived = secrets.derive("db", { open: (secret) => secret.reveal() });
    const watch = secrets.watch("db");
    const seen: string[] = [];
    watch.on("change", ({ current }) => seen.push(current.reveal()));
    await derived.ready;
    store.set("db", "bad");
    await nextPoll({ clock });
    const views = [secrets.latest("db"), watch.latest, await secrets.getSecret("db"), ...secrets.accepted("db")];
    expect(views.map((secret) => secret.reveal())).toEqual(Array(4).fill("good"));
    expect(derived.current).toBe("good");
    expect(seen).toEqual([]);
    await expect(secrets.getSecret("db", { freshness: "fresh" })).rejects.toMatchObject({ reason: "declined" });
  });

  test.each<[string, Accept<string>]>([
    ["answers false", () => false],
    ["answers false later", async () => false],
    [
      "throws",
      () => {
        throw new TypeError("s3cret-fixture");
      },
    ],
    [
      "rejects",
      async () => {
        throw new TypeError("s3cret-fixture");
      },
    ],
    [
      "throws an error of its own that says not to retry",
      () => {
        throw new SecretError("INVALID_VALUE", "mine");
      },
    ],
    [
      "throws the error of another secret",
      () => {
        throw new SecretError("NOT_FOUND", "other", { definitive: true });
      },
    ],
  ])("that %s refuses with REFUSED, retryable, without a value in it", async (how, accept) => {
    const { secrets, store, clock, eventsOf } = answering(accept);
    store.set("db", "s3cret-fixture");
    const error = await advanceUntil(
      clock,
      secrets.ready().catch((problem) => problem),
    );
    expect(error.errors).toHaveLength(1);
    expect(error.errors[0]).toMatchObject({
      code: "REFUSED",
      reason: how.startsWith("answers") ? "declined" : "threw",
      retryable: true,
    });
    expect(JSON.stringify([error, error.stack, error.errors[0].stack, error.errors[0].cause])).not.toContain("s3cret");
    expect(eventsOf("refused")[0]).toMatchObject({ reference: "db", provider: "store", code: "REFUSED" });
  });

  test("that refuses is asked again on the failure backoff, with the held value", async () => {
    const times: number[] = [];
    let answer = false;
    const { secrets, store, clock } = answering((next) => {
      if (next.reveal() === "one") return true;
      times.push(clock.monotonic());
      return answer;
    });
    store.set("db", "one");
    await secrets.ready();
    store.set("db", "two");
    store.hint("db");
    await clock.flush();
    const reads = store.reads.length;
    await clock.advance(10_000);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toEqual([750, 1_500, 3_000]);
    expect(store.reads).toHaveLength(reads);
    answer = true;
    await clock.advance(10_000);
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("is not asked again for equal content, under whatever version", async () => {
    const asked: string[] = [];
    const { secrets, store, clock } = answering((next) => void asked.push(next.reveal()));
    store.set("db", "one");
    await secrets.ready();
    for (let n = 0; n < 3; n += 1) {
      store.set("db", "one");
      await nextPoll({ clock });
    }
    store.fail("UNAVAILABLE");
    await nextPoll({ clock });
    store.heal();
    await nextPoll({ clock });
    store.remove("db");
    await nextPoll({ clock });
    store.set("db", "one");
    await clock.advance(3 * pollMs);
    expect(asked).toEqual(["one"]);
  });

  test("has 10 s; then the value is refused, even if it ignores its signal", async () => {
    const { secrets, clock, rotate } = await deciding();
    const second = await rotate("two");
    await clock.advance(9_900);
    expect(second.signal.aborted).toBe(false);
    expect(secrets.health()).toMatchObject({ status: "ok" });
    await clock.advance(200);
    expect(second.signal.aborted).toBe(true);
    expect(second.signal.reason).toMatchObject({ code: "REFUSED", reason: "timeout", retryable: true });
    expect(secrets.health()).toMatchObject({ status: "degraded", secrets: [{ state: "stale", reason: "timeout" }] });
    second.answer.resolve(true);
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("one");
  });
});

describe("a newer value", () => {
  test("aborts the decision about an older one, which is never reported", async () => {
    const { secrets, clock, asked, rotate, eventsOf } = await deciding();
    const second = await rotate("two");
    const third = await rotate("three");
    expect(second.signal.aborted).toBe(true);
    expect(third).toMatchObject({ next: "three", previous: "one" });
    second.answer.resolve(true);
    third.answer.resolve(true);
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("three");
    expect(asked).toHaveLength(3);
    expect(eventsOf("refused")).toEqual([]);
    expect(eventsOf("change").map(({ reason }) => reason)).toEqual(["initial", "rotated"]);
  });

  test("never aborts twice in a row, so that frequent rotation does not starve the decision", async () => {
    const { secrets, clock, asked, rotate } = await deciding();
    await rotate("two");
    const third = await rotate("three");
    for (const value of ["four", "five", "six"]) await rotate(value);
    expect(third.signal.aborted).toBe(false);
    expect(asked.map(({ next }) => next)).toEqual(["one", "two", "three"]);
    third.answer.resolve(true);
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("three");
    expect(asked.at(-1)).toMatchObject({ next: "six", previous: "three" });
    asked.at(-1)?.answer.resolve(true);
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("six");
  });

  test("is decided on even after one that timed out", async () => {
    const { secrets, clock, asked, rotate } = await deciding();
    for (const value of ["two", "three", "four"]) await rotate(value);
    await clock.advance(10_100);
    const fourth = asked.at(-1) as Asked;
    expect(asked.map(({ next }) => next)).toEqual(["one", "two", "three", "four"]);
    await rotate("five");
    expect(fourth.signal.aborted).toBe(false);
    fourth.answer.resolve(true);
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("four");
  });

  test("that equals the served one aborts the decision, and serving continues", async () => {
    const { secrets, clock, rotate } = await deciding();
    const second = await rotate("two");
    await rotate("one");
    expect(second.signal.aborted).toBe(true);
    second.answer.resolve(true);
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("one");
    expect(secrets.health().status).toBe("ok");
    const again = await rotate("two");
    expect(again).not.toBe(second);
    again.answer.resolve(true);
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("with the same content as the candidate does not restart the decision", async () => {
    const { secrets, clock, asked, rotate } = await deciding();
    const second = await rotate("two");
    await rotate("two");
    expect(second.signal.aborted).toBe(false);
    expect(asked).toHaveLength(2);
    second.answer.resolve(true);
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("two");
  });
});

test("a deletion while accept runs aborts it", async () => {
  const { secrets, store, clock, rotate } = await deciding();
  const second = await rotate("two");
  store.remove("db");
  store.hint("db");
  await clock.flush();
  expect(second.signal.aborted).toBe(true);
  second.answer.resolve(true);
  await clock.flush();
  expect(secrets.latest("db").reveal()).toBe("one");
  expect(secrets.watch("db").state).toBe("deleted");
});

test("close aborts accept, whose later result is ignored", async () => {
  const { secrets, clock, rotate } = await deciding();
  const held = secrets.latest("db");
  const second = await rotate("two");
  const fresh = settledOf(secrets.getSecret("db", { freshness: "fresh" }));
  await secrets.close();
  expect(second.signal.reason).toMatchObject({ code: "CLOSED" });
  second.answer.resolve(true);
  await clock.flush();
  expect(fresh.now).toMatchObject({ state: "rejected", error: { code: "CLOSED" } });
  expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "CLOSED" }));
  expect(held.reveal()).toBe("one");
});

test("accept that closes the client and accepts leaves the client closed", async () => {
  const { secrets, store } = answering(async (_next: Secret<string>) => {
    void secrets.close();
    return true;
  });
  store.set("db", "one");
  await expect(secrets.ready()).rejects.toMatchObject({ code: "CLOSED" });
  await secrets.close();
  expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "CLOSED" }));
});

test("accept that reads its own alias is ended after 10 s instead of waiting forever", async () => {
  const { secrets, store, clock } = answering(async () => {
    await secrets.getSecret("db");
  });
  store.set("db", "one");
  const ready = settledOf(secrets.ready());
  await clock.advance(60_000);
  expect(ready.now).toMatchObject({ state: "rejected", error: { code: "NOT_READY" } });
});

test("a schema that closes the client while it decodes leaves it closed", async () => {
  const schema = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown) => {
        void client.secrets.close();
        return { value };
      },
    },
  };
  const client = declaredClient(declareSecrets({ db: { ref: "db", as: schema } }));
  client.store.set("db", { user: "u" });
  await expect(client.secrets.ready()).rejects.toMatchObject({ code: "CLOSED" });
  expect(() => client.secrets.latest("db")).toThrow(expect.objectContaining({ code: "CLOSED" }));
  expect(client.eventsOf("change")).toEqual([]);
});
