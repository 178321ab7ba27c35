import { describe, expect, test } from "vitest";
import { declareSecrets, object, type Secret, SecretError, type StandardSchemaV1 } from "../../src/index.ts";
import { leasingClient } from "../leasing-client.ts";
import { advanceUntil, settledOf } from "../scripted-client.ts";

const as = object(["username", "password"]);
type Login = Secret<{ readonly username: string; readonly password: string }>;
type Accept = (next: Login) => boolean | Promise<boolean>;
const declare = (accept: Accept) => declareSecrets({ c: { ref: "creds/x", as, accept } });

class Refused extends Error {}
const hour = 3_600_000;

/** A client that serves password-1, whose `accept` says of every later one what the test says. */
async function client(verdict: Accept, termMs = 60_000) {
  const made = leasingClient(declare((next) => next.reveal().password === "password-1" || verdict(next)));
  made.store.termMs = termMs;
  await made.secrets.ready();
  const served = (): string => made.secrets.latest("c").reveal().password;
  /** Work that the system behind refuses with every credential. */
  const refusedUse = () =>
    settledOf(
      made.secrets.use(
        "c",
        () => {
          throw new Refused();
        },
        { rejected: (error) => error instanceof Refused },
      ),
    );
  const endsAt = (index: number): number => made.store.issued[index]?.endsAt ?? Number.NaN;
  return { ...made, served, refusedUse, endsAt };
}

describe("a credential that `accept` refuses", () => {
  test("leaves the served one renewed, long past its first term", async () => {
    const { store, clock, served, refusedUse } = await client(() => false);
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(hour);
    expect(served()).toBe("password-1");
    expect(store.alive).toContain("password-1");
  });

  test("is not renewed after the verdict", async () => {
    const { store, clock, refusedUse, endsAt } = await client(() => false);
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(1_000);
    expect(store.issued).toHaveLength(2);
    const end = endsAt(1);
    await clock.advance(58_000);
    expect(endsAt(1)).toBe(end);
    await clock.advance(2_000);
    expect(store.alive).not.toContain("password-2");
  });

  test("is renewed while the verdict is awaited", async () => {
    const { store, clock, refusedUse, endsAt } = await client(() => new Promise<boolean>(() => undefined), 15_000);
    await clock.advance(11_000);
    refusedUse();
    await clock.advance(100);
    expect(store.issued).toHaveLength(2);
    const end = endsAt(1);
    await clock.advance(9_000);
    expect(endsAt(1)).toBeGreaterThan(end);
  });

  test("is revoked as soon as another one takes its place", async () => {
    const { store, clock, served, refusedUse } = await client(() => false, hour);
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(1_000);
    expect(store.issued).toHaveLength(3);
    expect(store.issued.map(({ revoked }) => revoked)).toEqual([false, true, false]);
    expect(served()).toBe("password-1");
  });

  test.each(["use", "invalidate"])("never makes more than two live ones, however often `%s` asks", async (asks) => {
    const { store, secrets, clock, served, refusedUse } = await client(() => false, hour);
    let most = 0;
    for (let n = 0; n < 1_200; n += 1) {
      if (n % 10 === 0) {
        if (asks === "use") refusedUse();
        else {
          secrets.invalidate("c");
          void secrets.getSecret("c");
        }
      }
      await clock.advance(500);
      most = Math.max(most, store.alive.length);
    }
    expect(store.issued.length).toBeGreaterThan(2);
    expect(most).toBeLessThanOrEqual(2);
    expect(served()).toBe("password-1");
  });

  test("and that cannot be revoked is an event", async () => {
    const { store, secrets, clock, refusedUse, eventsOf } = await client(() => false, hour);
    store.revokeError = new SecretError("PERMISSION_DENIED", "no revoking here");
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(1_000);
    expect(eventsOf("lease-not-revoked")).toEqual([expect.objectContaining({ lease: "lease-2" })]);
    store.revokeError = undefined;
    await secrets.close();
  });

  test("is revoked by `close`, with the served one", async () => {
    const { store, secrets, clock, refusedUse } = await client(() => false, hour);
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(1_000);
    expect(store.alive).toHaveLength(2);
    await secrets.close();
    expect(store.alive).toEqual([]);
  });

  test("is not taken over past its end, though `accept` would allow it by then", async () => {
    let allows = false;
    const { store, clock, served, refusedUse } = await client(() => allows);
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(1_000);
    await clock.advance(60_000);
    allows = true;
    await clock.advance(120_000);
    expect(store.alive).toContain(served());
  });

  test("is taken over when `accept` allows it later: from then on it is the one that is renewed", async () => {
    let allows = false;
    const { store, clock, served, refusedUse } = await client(() => allows, hour);
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(1_000);
    allows = true;
    await clock.advance(120_000);
    expect(served()).toBe("password-2");
    expect(store.issued).toHaveLength(2);
    await clock.advance(5 * hour);
    expect(store.alive).toEqual(["password-2"]);
    expect(served()).toBe("password-2");
  });

  test("is refused before any is served: the client never holds more than two", async () => {
    let allows = false;
    const { secrets, store, clock } = leasingClient(declare(() => allows));
    store.termMs = hour;
    void secrets.ready().catch(() => undefined);
    let most = 0;
    for (let n = 0; n < 600; n += 1) {
      await clock.advance(1_000);
      most = Math.max(most, store.alive.length);
    }
    expect(most).toBeLessThanOrEqual(2);
    allows = true;
    await clock.advance(120_000);
    expect(store.alive).toContain(secrets.latest("c").reveal().password);
  });
});

describe("while `accept` decides about a credential", () => {
  test("no further one is issued, and work that was refused waits for the verdict", async () => {
    const verdict = Promise.withResolvers<boolean>();
    const { store, secrets, clock, served, refusedUse } = await client(() => verdict.promise, hour);
    await clock.advance(15_000);
    refusedUse();
    await clock.advance(100);
    expect(store.issued).toHaveLength(2);
    const used: string[] = [];
    const work = settledOf(
      secrets.use(
        "c",
        (secret) => {
          const { password } = secret.reveal();
          used.push(password);
          if (password === "password-1") throw new Refused();
          return password;
        },
        { rejected: (error) => error instanceof Refused },
      ),
    );
    await clock.advance(8_000);
    verdict.resolve(true);
    await clock.advance(1_000);
    expect(work.now).toEqual({ state: "resolved", value: "password-2" });
    expect(used).toEqual(["password-1", "password-2"]);
    expect(served()).toBe("password-2");
    expect(store.issued).toHaveLength(2);
  });

  test("no further one is issued, although more than 10 s have passed since the last", async () => {
    const verdict = Promise.withResolvers<boolean>();
    const { store, secrets, clock } = await client(() => verdict.promise, hour);
    const opening = Promise.withResolvers<string>();
    secrets.derive("c", {
      open: (secret) => (secret.reveal().password === "password-1" ? "first" : opening.promise),
    });
    await secrets.ready();
    await clock.advance(15_000);
    secrets.invalidate("c");
    void secrets.getSecret("c");
    await clock.advance(8_000);
    verdict.resolve(true);
    await clock.advance(4_000);
    expect(store.issued).toHaveLength(2);
    secrets.invalidate("c");
    void secrets.getSecret("c");
    await clock.advance(1_000);
    expect(store.issued).toHaveLength(2);
    opening.resolve("second");
    await clock.advance(1_000);
    expect(secrets.latest("c").reveal().password).toBe("password-2");
  });
});

describe("two aliases of one leased path", () => {
  const both = (accept: Accept) =>
    declareSecrets({ free: { ref: "creds/x", as }, choosy: { ref: "creds/x", as, accept } });

  test("that serve different credentials keep both renewed", async () => {
    const { secrets, store, clock } = leasingClient(both((next) => next.reveal().password === "password-1"));
    await secrets.ready();
    await clock.advance(15_000);
    secrets.invalidate("free");
    await advanceUntil(clock, secrets.getSecret("free"));
    await clock.advance(hour);
    expect(secrets.latest("choosy").reveal().password).toBe("password-1");
    expect(secrets.latest("free").reveal().password).not.toBe("password-1");
    expect(store.alive).toContain("password-1");
    expect(store.alive).toContain(secrets.latest("free").reveal().password);
    expect(store.alive.length).toBeLessThanOrEqual(2);
  });

  test("that serve different credentials get no third one, whoever asks", async () => {
    const { secrets, store, clock } = leasingClient(both((next) => next.reveal().password === "password-1"));
    store.termMs = hour;
    await secrets.ready();
    await clock.advance(15_000);
    secrets.invalidate("free");
    await advanceUntil(clock, secrets.getSecret("free"));
    for (let n = 0; n < 20; n += 1) {
      secrets.invalidate("creds/x");
      for (const alias of ["free", "choosy"] as const) void secrets.getSecret(alias).catch(() => undefined);
      await clock.advance(15_000);
      expect(store.alive.length).toBeLessThanOrEqual(2);
      expect(store.alive).toContain(secrets.latest("free").reveal().password);
      expect(store.alive).toContain(secrets.latest("choosy").reveal().password);
    }
    expect(store.issued).toHaveLength(2);
  });

  test("let the replaced credential end once the last of them has moved on", async () => {
    const verdict = Promise.withResolvers<boolean>();
    const { secrets, store, clock } = leasingClient(
      both((next) => next.reveal().password === "password-1" || verdict.promise),
    );
    await secrets.ready();
    await clock.advance(15_000);
    secrets.invalidate("free");
    await advanceUntil(clock, secrets.getSecret("free"));
    verdict.resolve(true);
    await clock.advance(61_000);
    expect(store.alive).toEqual(["password-2"]);
    expect(store.issued[0]?.revoked).toBe(false);
  });
});

test("a credential that cannot be decoded is not renewed, and is revoked when another takes its place", async () => {
  const schema: StandardSchemaV1<unknown, { password: string }> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => {
        const login = value as { password: string };
        return login.password === "password-2" ? { issues: [{ message: "not this one" }] } : { value: login };
      },
    },
  };
  const { secrets, store, clock } = leasingClient(declareSecrets({ c: { ref: "creds/x", as: object(schema) } }));
  store.termMs = hour;
  await secrets.ready();
  await clock.advance(15_000);
  secrets.invalidate("c");
  await advanceUntil(clock, secrets.getSecret("c"));
  expect(secrets.latest("c").reveal().password).toBe("password-1");
  await clock.advance(15_000);
  secrets.invalidate("c");
  await advanceUntil(clock, secrets.getSecret("c"));
  expect(secrets.latest("c").reveal().password).toBe("password-3");
  expect(store.issued.map(({ revoked }) => revoked)).toEqual([false, true, false]);
});
