import { describe, expect, test } from "vitest";
import { leasingClient } from "../../test/leasing-client.ts";
import { advanceUntil, settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";

const declared = declareSecrets({ db: { ref: "creds/app", as: object(["username", "password"]) } });
const minute = 60_000;

function client(options: Partial<ReturnType<typeof leasingClient>["store"]> = {}) {
  const made = leasingClient(declared);
  Object.assign(made.store, options);
  const password = (): string => made.secrets.latest("db").reveal().password;
  return { ...made, password };
}

describe("a lease", () => {
  test("is renewed at a third of what is left, for as long as the store extends it", async () => {
    const { secrets, store, clock, eventsOf, password } = client();
    await secrets.ready();
    const first = secrets.latest("db");
    expect(first.meta.lease).toEqual({ id: "lease-1", durationMs: minute, renewable: true });
    expect(first.meta.expiresAt?.getTime()).toBe(clock.now() + minute);
    await clock.advance(19_900);
    expect(store.renewals).toBe(0);
    await clock.advance(200);
    expect(store.renewals).toBe(1);
    await clock.advance(24 * 60 * minute);
    expect(store.issued).toHaveLength(1);
    expect(store.alive).toEqual([password()]);
    expect(secrets.latest("db").meta.expiresAt?.getTime()).toBeGreaterThan(clock.now() + 30_000);
    expect(eventsOf("change")).toHaveLength(1);
    expect(eventsOf("lease-renewed").length).toBe(store.renewals);
    await secrets.close();
  });

  test("that is renewed gives a new Secret with the same bytes and a later end, and no change", async () => {
    const { secrets, clock } = client();
    await secrets.ready();
    const first = secrets.latest("db");
    const changes: unknown[] = [];
    secrets.watch("db").on("change", (change) => void changes.push(change));
    await clock.advance(30_000);
    const second = secrets.latest("db");
    expect(second).not.toBe(first);
    expect(second.equals(first)).toBe(true);
    expect(Number(second.meta.expiresAt)).toBeGreaterThan(Number(first.meta.expiresAt));
    expect(changes).toEqual([]);
    await secrets.close();
  });

  test("is not replaced because of a poll, hint, refresh or wake", async () => {
    const { secrets, store, clock } = client({ termMs: 60 * minute });
    await secrets.ready();
    for (let round = 0; round < 20; round += 1) {
      secrets.notify({ reference: "creds/app" });
      secrets.notify({ provider: "store" });
      await secrets.getSecret("db", { freshness: "fresh" });
      await secrets.watch("db").refresh();
      await secrets.getSecret("creds/app", object(["username", "password"]));
      await clock.advance(minute);
    }
    clock.suspend(10 * minute);
    await clock.advance(minute);
    expect(store.issued).toHaveLength(1);
    await secrets.close();
  });

  test("is replaced before the longest term ends, without a gap, and the old one is ended", async () => {
    const { secrets, store, clock, password } = client({ termMs: 30_000, maxTermMs: 5 * minute });
    const reasons: string[] = [];
    secrets.watch("db").on("change", ({ reason }) => void reasons.push(reason));
    await secrets.ready();
    for (let second = 0; second < 3_600; second += 1) {
      await clock.advance(1_000);
      expect(store.alive).toContain(password());
    }
    expect(store.issued.length).toBeGreaterThan(10);
    expect(store.issued.length).toBeLessThan(16);
    expect(new Set(reasons)).toEqual(new Set(["lease"]));
    expect(store.revocations).toBe(0);
    await secrets.close();
  });

  test("that cannot be renewed is replaced at two thirds of its life", async () => {
    const { secrets, store, clock, password } = client({ renewable: false });
    await secrets.ready();
    await clock.advance(39_000);
    expect(store.issued).toHaveLength(1);
    await clock.advance(2_000);
    expect(store.issued).toHaveLength(2);
    expect(password()).toBe("password-2");
    expect(store.renewals).toBe(0);
    await secrets.close();
  });

  test("an expiry without a lease, as of a certificate, causes a replacement by the client's own clock", async () => {
    const { secrets, store, clock, eventsOf } = client({ leases: false, termMs: 90 * 24 * 60 * minute });
    await secrets.ready();
    await clock.advance(59 * 24 * 60 * minute);
    expect(store.issued).toHaveLength(1);
    await clock.advance(2 * 24 * 60 * minute);
    expect(store.issued).toHaveLength(2);
    expect(eventsOf("change").map(({ reason }) => reason)).toEqual(["initial", "rotated"]);
    await secrets.close();
    expect(store.revocations).toBe(0);
  });

  test.each([0, 1, 500, 999, 1_001, 2 ** 31, 1e15, Number.MAX_VALUE])("may be %s ms long", async (termMs) => {
    const { secrets, store, clock } = client({ termMs });
    const fate = settledOf(secrets.ready());
    await clock.advance(20_000);
    expect(store.issued.length).toBeLessThan(30);
    if (termMs === 0 || termMs > 20_000) {
      expect(fate.now.state).toBe("resolved");
      expect(store.issued).toHaveLength(1);
      expect(secrets.latest("db").meta.lease === undefined).toBe(termMs === 0);
    }
    await secrets.close();
  });
});

describe("a renewal that fails", () => {
  test("is retried within the remaining time and reported once per code, until one succeeds", async () => {
    const { secrets, store, clock, eventsOf, password } = client({ termMs: 10 * minute });
    await secrets.ready();
    store.renewError = new SecretError("UNAVAILABLE", "down");
    await clock.advance(9 * minute);
    expect(store.renewals).toBeGreaterThan(4);
    expect(store.renewals).toBeLessThan(12);
    expect(eventsOf("lease-not-renewed").map(({ code }) => code)).toEqual(["UNAVAILABLE"]);
    store.renewError = undefined;
    await clock.advance(minute);
    expect(store.issued).toHaveLength(1);
    expect(store.alive).toEqual([password()]);
    await secrets.close();
  });

  test("until the lease ends stops serving, until the store is back and issues another credential", async () => {
    const { secrets, store, clock, eventsOf, password } = client();
    await secrets.ready();
    const down = new SecretError("UNAVAILABLE", "down");
    Object.assign(store, { renewError: down, issueError: down });
    await clock.advance(61_000);
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "expired" }));
    expect(secrets.health().status).toBe("down");
    Object.assign(store, { renewError: undefined, issueError: undefined });
    await clock.advance(90_000);
    expect(store.alive).toEqual([password()]);
    expect(eventsOf("error").length).toBeGreaterThan(0);
    await secrets.close();
  });

  test("because the store no longer knows the lease causes a replacement at once, at most once in 10 s", async () => {
    const { secrets, store, clock, eventsOf, password } = client();
    await secrets.ready();
    store.revokeBehind("password-1");
    await clock.advance(22_000);
    expect(eventsOf("lease-lost")).toEqual([{ type: "lease-lost", provider: "store", path: "creds/app" }]);
    expect(password()).toBe("password-2");
    store.renewError = new SecretError("NOT_FOUND", "gone", { definitive: true });
    await clock.advance(10 * minute);
    expect(store.issued.length).toBeLessThan(2 + (10 * minute) / 10_000);
    await secrets.close();
  });

  test("permanently, without the permission to renew, causes a replacement before the end", async () => {
    const { secrets, store, clock, password } = client({ renewError: new SecretError("PERMISSION_DENIED", "no") });
    await secrets.ready();
    for (let second = 0; second < 600; second += 1) {
      await clock.advance(1_000);
      expect(store.alive).toContain(password());
    }
    expect(store.renewals).toBeLessThan(store.issued.length + 1);
    await secrets.close();
  });

  test("because the store does not answer takes no longer than its deadline", async () => {
    const { secrets, store, clock, password } = client({ termMs: 2 * minute });
    await secrets.ready();
    store.hangs = true;
    await clock.advance(80_000);
    store.hangs = false;
    await clock.advance(30_000);
    expect(store.issued).toHaveLength(1);
    expect(store.alive).toEqual([password()]);
    await secrets.close();
  });
});

describe("suspension", () => {
  test.each([false, true])(
    "beyond the end is detected by the wall clock (monotonic time stops: %s)",
    async (monotonicStops) => {
      const { secrets, store, clock, password } = client();
      await secrets.ready();
      clock.suspend(10 * minute, { monotonicStops });
      await clock.advance(16_000 + 5_000);
      expect(store.issued).toHaveLength(2);
      expect(store.alive).toEqual([password()]);
      await secrets.close();
    },
  );

  test("shorter than the term brings the renewal forward", async () => {
    const { secrets, store, clock } = client({ termMs: 10 * minute });
    await secrets.ready();
    clock.suspend(9 * minute, { monotonicStops: true });
    await clock.advance(16_000 + 20_000);
    expect(store.issued).toHaveLength(1);
    expect(store.renewals).toBe(1);
    await secrets.close();
  });
});

describe("a refused credential", () => {
  test("is offered to accept again, and no second one is issued meanwhile", async () => {
    let verdict = true;
    const picky = declareSecrets({
      db: { ref: "creds/app", as: object(["username", "password"]), accept: () => verdict },
    });
    const { secrets, store, clock } = leasingClient(picky);
    Object.assign(store, { termMs: 10 * minute, renewable: false });
    await secrets.ready();
    verdict = false;
    await clock.advance(7 * minute);
    expect(store.issued).toHaveLength(2);
    expect(secrets.latest("db").reveal().password).toBe("password-1");
    await clock.advance(minute);
    verdict = true;
    await clock.advance(minute);
    expect(store.issued).toHaveLength(2);
    expect(secrets.latest("db").reveal().password).toBe("password-2");
    await secrets.close();
  });
});

test("a leased secret cannot be a part of a composed one", async () => {
  const { secrets, store, clock } = leasingClient(declareSecrets({ mq: { ref: "mq", as: object(["user"]) } }), {
    bindings: { mq: { fields: { user: { provider: "store", path: "creds/mq", select: "username" } } } },
  });
  const error = await advanceUntil(
    clock,
    secrets.ready().catch((reason: unknown) => reason),
  );
  expect(error).toMatchObject({ errors: [{ code: "INVALID_CONFIG", reason: "leased-part" }] });
  await secrets.close();
  expect(store.alive).toEqual([]);
});

test("a leased secret has no previous version at the store, but the replaced credential is accepted while it is valid", async () => {
  const db = { ref: "creds/app", as: object(["username", "password"]), overlap: "15m" } as const;
  const { secrets, store, clock } = leasingClient(declareSecrets({ db }));
  store.renewable = false;
  await secrets.ready();
  await clock.advance(41_000);
  expect(secrets.accepted("db").map((secret) => secret.reveal().password)).toEqual(["password-2", "password-1"]);
  await clock.advance(20_000);
  expect(secrets.accepted("db").map((secret) => secret.reveal().password)).toEqual(["password-2"]);
  await expect(secrets.getSecret("creds/app@previous", object(["password"]))).rejects.toMatchObject({
    reason: "leased",
  });
  expect(store.issued).toHaveLength(2);
  await secrets.close();
});
