import { expect, test } from "vitest";
import { leasingClient } from "../../test/leasing-client.ts";
import { seededRandom } from "../../test/seeded-random.ts";
import { seedsOf } from "../../test/seeds.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { isSecretError, SecretError, type SecretErrorCode } from "../error/secret-error.ts";

// A store that leases for random terms, fails, hangs, forgets and revokes, while readers read, use, invalidate and the
// machine sleeps. A failing seed repeats exactly.

const pair = object(["username", "password"]);
const declared = declareSecrets({ db: { ref: "creds/app", as: pair } });
const codes: readonly SecretErrorCode[] = ["UNAVAILABLE", "UNAVAILABLE", "THROTTLED", "INTERNAL", "PERMISSION_DENIED"];
const seeds = seedsOf(120);
const issueSpacingMs = 10_000;

class Refused extends Error {}

test.each(seeds)(
  "a credential is never served after its end, issued too soon or left behind: seed %s",
  async (seed) => {
    const random = seededRandom(seed);
    const { secrets, store, clock } = leasingClient(declared, {}, random.next);
    store.termMs = random.pick([5_000, 15_000, 60_000, 600_000]);
    store.maxTermMs = store.termMs * random.pick([1, 3, 20]);
    store.renewable = random.chance(0.8);
    let isHealthySince: number | undefined = 0;
    const failure = (): SecretError => new SecretError(random.pick(codes), "the model says no");

    const violations: string[] = [];
    const check = (): void => {
      let password: string | undefined;
      try {
        password = secrets.latest("db").reveal().password;
      } catch (error) {
        if (!isSecretError(error)) throw error;
      }
      const served = store.issued.find((one) => one.password === password);
      if (served !== undefined && served.endsAt <= clock.now()) violations.push(`${password} served past its end`);
      for (const [index, { at, wallAt }] of store.issued.entries()) {
        const before = store.issued[index - 1];
        // Time that passed on one clock alone, in a sleep, has passed.
        if (before !== undefined && Math.max(at - before.at, wallAt - before.wallAt) < issueSpacingMs)
          violations.push(`lease ${index} made too fast`);
      }
      const calm = isHealthySince !== undefined && clock.monotonic() - isHealthySince > 180_000;
      if (calm && store.termMs > 2 * issueSpacingMs && !store.alive.includes(password ?? ""))
        violations.push(`${password} served, which the store does not know`);
    };

    const steps: readonly (() => unknown)[] = [
      () => Object.assign(store, { renewError: failure() }),
      () => Object.assign(store, { issueError: failure() }),
      () => Object.assign(store, { hangs: true }),
      () => store.revokeBehind(store.issued.at(-1)?.password ?? ""),
      () => clock.suspend(random.between(1, 900_000), { monotonicStops: random.chance(0.5) }),
      () => void secrets.getSecret("db", { freshness: "fresh" }).catch(() => undefined),
      () => secrets.invalidate("db"),
      () => void secrets.getSecret("db").catch(() => undefined),
      () => secrets.notify({}),
      () =>
        void secrets
          .use(
            "db",
            (secret) => {
              if (!store.alive.includes(secret.reveal().password)) throw new Refused();
            },
            { rejected: (error) => error instanceof Refused },
          )
          .catch(() => undefined),
    ];

    void secrets.ready().catch(() => undefined);
    for (let round = 0; round < 60; round += 1) {
      random.pick(steps)();
      isHealthySince = undefined;
      if (random.chance(0.5)) {
        Object.assign(store, { renewError: undefined, issueError: undefined, hangs: false });
        isHealthySince = clock.monotonic();
      }
      for (let part = 0; part < 5; part += 1) {
        await clock.advance(random.pick([10, 700, 3_000, 40_000]));
        check();
        expect(violations).toEqual([]);
      }
    }
    Object.assign(store, { renewError: undefined, issueError: undefined, hangs: false });
    isHealthySince = clock.monotonic();
    store.revokeBehind("nobody's");
    await clock.advance(400_000);
    check();
    expect(violations).toEqual([]);
    await secrets.close();
    await clock.flush();
    expect(store.alive).toEqual([]);
  },
);
