import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll } from "../../test/declared-client.ts";
import { leasingClient } from "../../test/leasing-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";

const declared = declareSecrets({ db: { ref: "db" }, maybe: { ref: "maybe", optional: true } });

class Refused extends Error {}
const options = { rejected: (error: unknown) => error instanceof Refused };

function client() {
  const made = declaredClient(declared);
  made.store.set("db", "one");
  /** The password that the far side accepts. */
  const far = { accepts: "one", asked: [] as string[] };
  const login = (secret: { reveal(): string }): string => {
    far.asked.push(secret.reveal());
    if (secret.reveal() !== far.accepts) throw new Refused("wrong password");
    return `in with ${secret.reveal()}`;
  };
  return { ...made, far, login };
}

describe("use", () => {
  test("returns the result of the work, and loads by itself", async () => {
    const { secrets, login } = client();
    expect(await secrets.use("db", login, options)).toBe("in with one");
    expect(await secrets.use("db", async (secret) => secret.reveal().length, options)).toBe(3);
    await secrets.close();
  });

  test("reads the store when the credential is refused, and tries once more with a new one", async () => {
    const { secrets, store, far, login } = client();
    await secrets.ready();
    store.set("db", "two");
    far.accepts = "two";
    expect(await secrets.use("db", login, options)).toBe("in with two");
    expect(far.asked).toEqual(["one", "two"]);
    expect(secrets.latest("db").reveal()).toBe("two");
    await secrets.close();
  });

  test("tries again at once, without a read, if a new one is already adopted", async () => {
    const { secrets, store, clock, far } = client();
    await secrets.ready();
    const inside = Promise.withResolvers<void>();
    const using = secrets.use(
      "db",
      async (secret) => {
        far.asked.push(secret.reveal());
        if (far.asked.length === 1) await inside.promise;
        if (secret.reveal() === "one") throw new Refused();
        return secret.reveal();
      },
      options,
    );
    store.set("db", "two");
    await nextPoll({ clock });
    const reads = store.reads.length;
    inside.resolve();
    expect(await using).toBe("two");
    expect(store.reads).toHaveLength(reads);
    await secrets.close();
  });

  test("never tries a third time, and never twice with the same content", async () => {
    const { secrets, store, clock, far, login } = client();
    await secrets.ready();
    far.accepts = "three";
    await expect(secrets.use("db", login, options)).rejects.toBeInstanceOf(Refused);
    expect(far.asked).toEqual(["one"]);
    await clock.advance(2_000);
    store.set("db", "two");
    await expect(secrets.use("db", login, options)).rejects.toBeInstanceOf(Refused);
    expect(far.asked).toEqual(["one", "one", "two"]);
    await secrets.close();
  });

  test("rethrows every other error without a read", async () => {
    const { secrets, store } = client();
    await secrets.ready();
    const reads = store.reads.length;
    const broken = new TypeError("a bug");
    const fail = (): never => {
      throw broken;
    };
    await expect(secrets.use("db", fail, options)).rejects.toBe(broken);
    await expect(
      secrets.use("db", fail, {
        rejected: () => {
          throw new Error("a bug in the test of errors");
        },
      }),
    ).rejects.toBe(broken);
    expect(store.reads).toHaveLength(reads);
    await secrets.close();
  });

  test("rethrows the refusal if the store fails too", async () => {
    const { secrets, store, far, login } = client();
    await secrets.ready();
    store.fail("UNAVAILABLE");
    far.accepts = "two";
    await expect(secrets.use("db", login, options)).rejects.toBeInstanceOf(Refused);
    expect(secrets.latest("db").reveal()).toBe("one");
    await secrets.close();
  });

  test("reads once for a thousand refusals, and at most once a second after that", async () => {
    const { secrets, store, clock, far, login } = client();
    await secrets.ready();
    store.latencyMs = 50;
    far.accepts = "two";
    store.set("db", "two");
    const before = store.reads.length;
    const all = Promise.all(Array.from({ length: 1_000 }, () => secrets.use("db", login, options)));
    await clock.advance(100);
    expect(new Set(await all)).toEqual(new Set(["in with two"]));
    expect(store.reads).toHaveLength(before + 1);
    far.accepts = "nobody's";
    for (let round = 0; round < 30; round += 1) {
      const fate = settledOf(secrets.use("db", login, options));
      await clock.advance(100);
      expect(fate.now.state).toBe("rejected");
    }
    expect(store.reads.length - before).toBeLessThan(6);
    await secrets.close();
  });

  test("passes undefined for an optional secret that does not exist, and does not try again", async () => {
    const { secrets } = client();
    const seen: unknown[] = [];
    const work = (secret: unknown): never => {
      seen.push(secret);
      throw new Refused();
    };
    await expect(secrets.use("maybe", work, options)).rejects.toBeInstanceOf(Refused);
    expect(seen).toEqual([undefined]);
    await secrets.close();
  });

  test("ends with its signal, which the work also receives", async () => {
    const { secrets, clock } = client();
    const leaving = new AbortController();
    let seen: AbortSignal | undefined;
    const using = settledOf(
      secrets.use("db", (_, signal) => new Promise<void>(() => (seen = signal)), {
        ...options,
        signal: leaving.signal,
      }),
    );
    await clock.flush();
    leaving.abort("enough");
    await clock.flush();
    expect(using.now).toEqual({ state: "rejected", error: "enough" });
    expect(seen?.aborted).toBe(true);
    await secrets.close();
  });

  test("ends with CLOSED when the client closes, and refuses to begin after that", async () => {
    const { secrets, clock } = client();
    const using = settledOf(secrets.use("db", () => new Promise<void>(() => undefined), options));
    await clock.flush();
    await secrets.close();
    expect(using.now).toMatchObject({ state: "rejected", error: { code: "CLOSED" } });
    await expect(secrets.use("db", () => 1, options)).rejects.toMatchObject({ code: "CLOSED" });
  });

  test("refuses an undeclared alias, and a call without its arguments", async () => {
    const { secrets } = client();
    await expect(secrets.use("bd" as "db", () => 1, options)).rejects.toMatchObject({ reason: "unknown-alias" });
    await expect(secrets.use("db", () => 1, {} as never)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
    await expect(secrets.use("db", undefined as never, options)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
    await secrets.close();
  });
});

test("use replaces a leased credential that was revoked without the client", async () => {
  const leased = declareSecrets({ db: { ref: "creds/app", as: object(["username", "password"]) } });
  const { secrets, store, clock } = leasingClient(leased);
  await secrets.ready();
  await clock.advance(11_000);
  store.revokeBehind("password-1");
  const login = (secret: { reveal(): { readonly password: string } }): string => {
    if (!store.alive.includes(secret.reveal().password)) throw new Refused();
    return secret.reveal().password;
  };
  expect(new Set(await Promise.all(Array.from({ length: 100 }, () => secrets.use("db", login, options))))).toEqual(
    new Set(["password-2"]),
  );
  store.revokeBehind("password-2");
  await expect(secrets.use("db", login, options)).rejects.toBeInstanceOf(Refused);
  expect(store.issued).toHaveLength(2);
  store.issueError = new SecretError("UNAVAILABLE", "down");
  await secrets.close();
});
