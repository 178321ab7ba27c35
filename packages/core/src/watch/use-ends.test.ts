import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";

const declared = declareSecrets({ db: { ref: "db" } });

class Refused extends Error {}
const options = { rejected: (error: unknown) => error instanceof Refused };

function client() {
  const made = declaredClient(declared);
  made.store.set("db", "one");
  return made;
}

describe("a use that ends early", () => {
  test.each(["its signal", "the client"] as const)(
    "with %s while the secret loads never begins its work",
    async (end) => {
      const { secrets, store, clock } = client();
      store.latencyMs = 1_000;
      const leaving = new AbortController();
      let begun = 0;
      const work = (): void => {
        begun += 1;
      };
      const using = settledOf(secrets.use("db", work, { ...options, signal: leaving.signal }));
      await clock.advance(500);
      if (end === "its signal") leaving.abort("enough");
      else await secrets.close();
      await clock.advance(2_000);
      const error = end === "its signal" ? "enough" : { code: "CLOSED" };
      expect(using.now).toMatchObject({ state: "rejected", error });
      expect(begun).toBe(0);
      await secrets.close();
    },
  );

  test.each(["its signal", "the client"] as const)("with %s during the refetch tries nothing again", async (end) => {
    const { secrets, store, clock } = client();
    await secrets.ready();
    store.set("db", "two");
    store.latencyMs = 1_000;
    const leaving = new AbortController();
    const seen: string[] = [];
    const work = (secret: { reveal(): string }): never => {
      seen.push(secret.reveal());
      throw new Refused();
    };
    const using = settledOf(secrets.use("db", work, { ...options, signal: leaving.signal }));
    await clock.advance(500);
    if (end === "its signal") leaving.abort("enough");
    else await secrets.close();
    await clock.advance(2_000);
    expect(using.now.state).toBe("rejected");
    expect(seen).toEqual(["one"]);
    await secrets.close();
  });

  test.each([undefined, null, "text", 0, Symbol("no")])("with %s thrown rethrows it unchanged", async (thrown) => {
    const { secrets } = client();
    const throwing = (): never => {
      throw thrown;
    };
    await expect(secrets.use("db", throwing, options)).rejects.toBe(thrown);
    await expect(secrets.use("db", () => Promise.reject(thrown), { rejected: () => true })).rejects.toBe(thrown);
    await secrets.close();
  });
});

test("uses leave no listener on the caller's signal, and a later close does not abort their own signals", async () => {
  const { secrets } = client();
  const { signal } = new AbortController();
  const seen = new Set<AbortSignal>();
  for (let round = 0; round < 1_000; round += 1) {
    const given = round % 2 === 0 ? { ...options, signal } : options;
    await secrets.use(
      "db",
      (_, own) => {
        seen.add(own);
        own.addEventListener("abort", () => undefined);
      },
      given,
    );
  }
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(seen.size).toBe(1_000);
  for (const own of seen) expect(getEventListeners(own, "abort")).toHaveLength(1);
  await secrets.close();
  expect([...seen].filter(({ aborted }) => aborted)).toEqual([]);
});

test("10,000 concurrent uses end with the client, without a warning about too many listeners", async () => {
  const { secrets, clock } = client();
  await secrets.ready();
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  let aborted = 0;
  const work = (_: unknown, signal: AbortSignal): Promise<void> =>
    new Promise(() => {
      signal.addEventListener("abort", () => {
        aborted += 1;
      });
    });
  const uses = Array.from({ length: 10_000 }, () => settledOf(secrets.use("db", work, options)));
  await clock.flush();
  await secrets.close();
  await clock.flush();
  process.off("warning", onWarning);
  expect(aborted).toBe(10_000);
  expect(new Set(uses.map(({ now }) => now.state))).toEqual(new Set(["rejected"]));
  expect(warnings).toEqual([]);
});

test("a use within a use of the same alias shares its refetch", async () => {
  const { secrets, store } = client();
  await secrets.ready();
  store.set("db", "two");
  const reads = store.reads.length;
  const login = (secret: { reveal(): string }): string => {
    if (secret.reveal() === "one") throw new Refused();
    return secret.reveal();
  };
  const nested = secrets.use("db", async () => await secrets.use("db", login, options), options);
  expect(await nested).toBe("two");
  expect(store.reads).toHaveLength(reads + 1);
  await secrets.close();
});
