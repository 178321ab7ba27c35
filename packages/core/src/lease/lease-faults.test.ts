import { describe, expect, test } from "vitest";
import { leasingClient } from "../../test/leasing-client.ts";
import type { LeasingStore } from "../../test/leasing-store.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";

const pair = object(["username", "password"]);
const declared = declareSecrets({ db: { ref: "creds/app", as: pair } });
const minute = 60_000;

function client(options: Partial<LeasingStore> = {}) {
  const made = leasingClient(declared);
  Object.assign(made.store, options);
  const password = (): string => made.secrets.latest("db").reveal().password;
  return { ...made, password };
}

describe("a wall clock", () => {
  test.each([-60 * minute, -25_000, 60 * minute, 25_000])(
    "that jumps by %d ms extends no lease beyond its term",
    async (ms) => {
      const { secrets, store, clock } = client();
      await secrets.ready();
      const down = new SecretError("UNAVAILABLE", "down");
      Object.assign(store, { issueError: down, renewError: down });
      await clock.advance(1_000);
      clock.jump(ms);
      await clock.advance(60_000);
      expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ reason: "expired" }));
      await expect(secrets.getSecret("db")).rejects.toMatchObject({ code: "UNAVAILABLE" });
      Object.assign(store, { issueError: undefined, renewError: undefined });
      await clock.advance(2 * minute);
      expect(secrets.latest("db").reveal().password).toBe("password-2");
      await secrets.close();
    },
  );

  test("that jumps back and forth by less than the term loses no credential that is renewed", async () => {
    const { secrets, store, clock, password } = client({ termMs: 60 * minute });
    await secrets.ready();
    for (let round = 0; round < 40; round += 1) {
      clock.jump(round % 2 === 0 ? 20 * minute : -20 * minute);
      await clock.advance(5 * minute);
      expect(store.issued.map((one) => one.password)).toContain(password());
    }
    expect(store.issued).toHaveLength(1);
    await secrets.close();
  });
});

test("leases that are still valid at the store are revoked after the wall clock was set forward", async () => {
  const { secrets, store, clock } = client({ termMs: 10 * minute });
  const revoked: string[] = [];
  store.overrides = { revoke: async ({ id }) => void revoked.push(id) };
  await secrets.ready();
  clock.jump(60 * minute);
  await clock.advance(minute);
  expect(secrets.latest("db").reveal().password).toBe("password-2");
  await secrets.close();
  expect(revoked.sort()).toEqual(["lease-1", "lease-2"]);
});

describe("a renewal", () => {
  test.each<[string, unknown]>([
    ["nothing", null],
    ["a text", "lease"],
    ["no duration", { id: "lease-1", renewable: true }],
    ["NaN", { id: "lease-1", durationMs: Number.NaN, renewable: true }],
    ["a negative duration", { id: "lease-1", durationMs: -1, renewable: true }],
    ["no end", { id: "lease-1", durationMs: Number.POSITIVE_INFINITY, renewable: true }],
    ["a term of nothing", { id: "lease-1", durationMs: 0, renewable: true }],
  ])("that answers %s takes nothing away, and a replacement comes in time", async (_title, renewAnswer) => {
    const { secrets, store, clock, password } = client({ renewAnswer });
    await secrets.ready();
    for (let second = 0; second < 180; second += 1) {
      await clock.advance(1_000);
      expect(store.alive).toContain(password());
    }
    await secrets.close();
    expect(store.alive).toEqual([]);
  });

  test("whose answer has additional members reports none of them", async () => {
    const renewAnswer = { id: "lease-1", durationMs: minute, renewable: true, data: "s3cret-fixture" };
    const { secrets, clock, events } = client({ renewAnswer });
    await secrets.ready();
    await clock.advance(30_000);
    expect(secrets.latest("db").meta.lease).toEqual({ id: "lease-1", durationMs: minute, renewable: true });
    expect(JSON.stringify(events)).not.toContain("s3cret-fixture");
    await secrets.close();
  });

  test("that hangs does not prevent the renewal of a credential issued meanwhile", async () => {
    const { secrets, store, clock, password } = client({ termMs: 36_000, renewHangs: true });
    await secrets.ready();
    await clock.advance(11_500);
    store.termMs = 12_000;
    await clock.advance(1_500);
    store.renewHangs = false;
    secrets.invalidate("db");
    await secrets.getSecret("db");
    expect(password()).toBe("password-2");
    for (let second = 0; second < 60; second += 1) {
      await clock.advance(1_000);
      expect(store.alive).toContain(password());
    }
    expect(store.issued).toHaveLength(2);
    await secrets.close();
  });

  test("that ends after its credential was replaced does not prevent the revocation of that credential", async () => {
    const { secrets, store, clock } = client();
    const { promise, resolve } = Promise.withResolvers<void>();
    const revoked: string[] = [];
    store.overrides = {
      renew: async (lease) => {
        await promise;
        return { ...lease, durationMs: minute };
      },
      revoke: async ({ id }) => void revoked.push(id),
    };
    await secrets.ready();
    await clock.advance(21_000);
    secrets.invalidate("db");
    await secrets.getSecret("db");
    resolve();
    await clock.advance(45_000);
    await secrets.close();
    expect(revoked).toContain("lease-1");
  });

  test.each(["INTERNAL", "UNAVAILABLE"] as const)(
    "that keeps failing with %s leaves time for a replacement from a slow store",
    async (code) => {
      const { secrets, clock, store, password } = client({ latencyMs: 4_000 });
      const ready = secrets.ready();
      await clock.advance(4_000);
      await ready;
      store.renewError = new SecretError(code, "no");
      for (let second = 0; second < 300; second += 1) {
        await clock.advance(1_000);
        expect(store.alive).toContain(password());
      }
      await secrets.close();
    },
  );
});

describe("an adapter", () => {
  test("without renew and revoke has each credential replaced, and reported as not revoked", async () => {
    const { secrets, store, clock, password, eventsOf } = client({
      overrides: { renew: undefined, revoke: undefined },
    });
    await secrets.ready();
    for (let second = 0; second < 180; second += 1) {
      await clock.advance(1_000);
      expect(store.alive).toContain(password());
    }
    await secrets.close();
    expect(eventsOf("lease-not-revoked").length).toBeGreaterThan(0);
    expect(eventsOf("lease-not-revoked")[0]).toMatchObject({ code: "UNSUPPORTED" });
  });

  test("whose isDynamic throws neither blocks a read nor exposes its error", async () => {
    const isDynamic = (): never => {
      throw new TypeError("s3cret-fixture");
    };
    const { secrets, store, clock, password, events } = client({ overrides: { isDynamic } });
    const ready = settledOf(secrets.ready());
    await clock.advance(20_000);
    expect(ready.now.state).toBe("resolved");
    await clock.advance(10 * minute);
    expect(store.alive).toContain(password());
    expect(JSON.stringify(events)).not.toContain("s3cret-fixture");
    await secrets.close();
  });

  test("that issues leases without an end is asked again after a failed replacement", async () => {
    const leased = leasingClient(declared, { cache: { maxStale: "10m" } });
    const { secrets, store, clock } = leased;
    store.termMs = 0;
    await secrets.ready();
    await clock.advance(11_000);
    store.issueError = new SecretError("UNAVAILABLE", "down");
    secrets.invalidate("db");
    await secrets.getSecret("db");
    store.issueError = undefined;
    await clock.advance(30 * minute);
    expect(secrets.latest("db").reveal().password).toBe("password-2");
    expect(secrets.health().status).toBe("ok");
    expect(store.issued).toHaveLength(2);
    await secrets.close();
  });

  test("that returns a lease with an invalid payload is asked to revoke the lease", async () => {
    const { secrets, store, clock } = client();
    let revoked = 0;
    store.overrides = {
      get: async () => ({
        status: "ok",
        payload: { kind: "x" } as never,
        version: "1",
        lease: { id: "l", durationMs: minute, renewable: true },
      }),
      revoke: async () => {
        revoked += 1;
      },
    };
    const ready = settledOf(secrets.ready());
    await clock.advance(20_000);
    expect(ready.now.state).toBe("rejected");
    expect(revoked).toBeGreaterThan(0);
    await secrets.close();
  });
});

describe("close", () => {
  test("reports the leases that an unresponsive store did not revoke", async () => {
    const { secrets, clock, store, eventsOf } = client({ revokeHangs: true });
    await secrets.ready();
    const closing = settledOf(secrets.close());
    await clock.advance(5_100);
    expect(closing.now.state).toBe("resolved");
    expect(store.alive).toHaveLength(1);
    expect(eventsOf("lease-not-revoked")).toHaveLength(1);
  });

  test("revokes leases although a derived resource never closes", async () => {
    const { secrets, store, clock } = client();
    secrets.derive("db", { open: () => "pool", close: () => new Promise<void>(() => undefined) });
    await secrets.ready();
    const closing = settledOf(secrets.close());
    await clock.advance(5_100);
    expect(closing.now.state).toBe("resolved");
    expect(store.alive).toEqual([]);
  });

  test.each([1, 10, 100])("with a timeout of %d ms still asks the store to revoke the leases", async (timeout) => {
    const { secrets, store, clock } = client();
    await secrets.ready();
    const closing = settledOf(secrets.close({ timeout }));
    await clock.advance(timeout + 1);
    expect(closing.now.state).toBe("resolved");
    expect(store.alive).toEqual([]);
  });

  test("during a renewal, a replacement and a use leaves no lease behind", async () => {
    for (const at of [0, 19_900, 20_000, 20_100, 40_000, 41_000]) {
      const { secrets, store, clock } = client({ renewable: at < 30_000 });
      await secrets.ready();
      await clock.advance(at);
      store.hangs = true;
      void secrets.use("db", () => Promise.reject(new Error("x")), { rejected: () => true }).catch(() => undefined);
      await clock.advance(200);
      const closing = settledOf(secrets.close());
      await clock.advance(200);
      expect(closing.now.state).toBe("resolved");
      expect(store.alive).toEqual([]);
      expect(clock.armed).toBe(0);
    }
  });
});

describe("an optional role", () => {
  test("that disappears leaves no lease behind, and returns with another credential", async () => {
    const optional = declareSecrets({ db: { ref: "creds/app", as: pair, optional: true } });
    const { secrets, store, clock } = leasingClient(optional);
    store.renewable = false;
    await secrets.ready();
    store.isGone = true;
    await clock.advance(45_000);
    expect(secrets.latest("db")).toBeUndefined();
    store.isGone = false;
    await clock.advance(3 * minute);
    expect(store.alive).toContain(secrets.latest("db")?.reveal().password);
    await secrets.close();
    expect(store.alive).toEqual([]);
  });
});

describe("a replacement that nobody accepts yet", () => {
  const hung = new Promise<boolean>(() => undefined);

  test.each<[string, () => boolean | Promise<boolean>]>([
    ["because accept says no", () => false],
    ["because accept hangs", () => hung],
  ])(
    "%s: the old credential is renewed, the new one ends, and another is issued when one is needed",
    async (_title, verdict) => {
      let accept: () => boolean | Promise<boolean> = () => true;
      const picky = declareSecrets({ db: { ref: "creds/app", as: pair, accept: () => accept() } });
      const { secrets, store, clock } = leasingClient(picky);
      await secrets.ready();
      accept = verdict;
      await clock.advance(11_000);
      secrets.invalidate("db");
      await Promise.race([secrets.getSecret("db"), clock.advance(15_000)]);
      expect(secrets.latest("db").reveal().password).toBe("password-1");
      await clock.advance(5 * minute);
      expect(secrets.latest("db").reveal().password).toBe("password-1");
      expect(store.issued).toHaveLength(2);
      expect(store.alive).toEqual(["password-1"]);
      accept = () => true;
      secrets.invalidate("db");
      expect((await secrets.getSecret("db")).reveal().password).toBe("password-3");
      await clock.advance(minute);
      expect(store.alive).toEqual(["password-3"]);
      const { expiresAt } = secrets.latest("db").meta;
      expect(Number(expiresAt)).toBe(store.issued[2]?.endsAt);
      await secrets.close();
      expect(store.alive).toEqual([]);
    },
  );

  test("is kept while no pool opens for it, and adopted once one does; the old pool closes after its grace period", async () => {
    const { secrets, store, clock } = client({ renewable: false, termMs: 10 * minute });
    const log: string[] = [];
    let isBroken = false;
    secrets.derive("db", {
      grace: 5_000,
      open: (secret) => {
        if (isBroken) throw new Error("no pool");
        log.push(`open ${secret.reveal().password}`);
        return secret.reveal().password;
      },
      close: (pool) => void log.push(`close ${pool}`),
    });
    await secrets.ready();
    isBroken = true;
    await clock.advance(8 * minute);
    expect(store.issued).toHaveLength(2);
    expect(log).toEqual(["open password-1"]);
    isBroken = false;
    await clock.advance(70_000);
    expect(log).toEqual(["open password-1", "open password-2", "close password-1"]);
    expect(store.issued).toHaveLength(2);
    await secrets.close();
    expect(log.at(-1)).toBe("close password-2");
  });
});
