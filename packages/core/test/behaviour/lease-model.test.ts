import { expect, test } from "vitest";
import { declareSecrets, object, type Secret, SecretError, type SecretErrorCode } from "../../src/index.ts";
import { type LeasingClient, leasingClient } from "../leasing-client.ts";
import type { IssuedCredential } from "../leasing-store.ts";
import { type SeededRandom, seededRandom } from "../seeded-random.ts";
import { seedsOf } from "../seeds.ts";

// A store that leases for random terms, fails, hangs, forgets and revokes, under an application that refuses some of what it
// gets, works with the rest, invalidates, drops and sleeps. A failing seed repeats exactly.

const seeds = seedsOf(150);
const codes: readonly SecretErrorCode[] = ["UNAVAILABLE", "UNAVAILABLE", "THROTTLED", "INTERNAL", "PERMISSION_DENIED"];
const issueSpacingMs = 10_000;

interface Login {
  readonly username: string;
  readonly password: string;
}
const as = object(["username", "password"]);
const declaration = { ref: "creds/app", as };
type Client = LeasingClient<{ readonly db: typeof declaration }>;

class Refused extends Error {}

class Model {
  readonly random: SeededRandom;
  readonly client: Client;
  readonly #violations: string[] = [];
  readonly #ended: Set<string> = new Set();
  readonly #revokedBehind: Set<string> = new Set();
  readonly #banned = new Set<string>();
  readonly #seen: Secret<Login>[] = [];
  #verdict: "yes" | "no" | "throws" | "later" = "yes";
  readonly #pending: ((verdict: boolean) => void)[] = [];
  /** Monotonic time since when everything goes well; undefined while something does not. */
  #wellSince: number | undefined = 0;
  #sleptAt = Number.NEGATIVE_INFINITY;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const { pick, chance, next } = this.random;
    const accept = (secret: Secret<Login>): boolean | Promise<boolean> => {
      this.#offered(secret);
      if (this.#verdict === "throws") throw new Error("no such login");
      if (this.#verdict !== "later") return this.#verdict === "yes";
      return new Promise<boolean>((resolve) => void this.#pending.push(resolve));
    };
    this.client = leasingClient(declareSecrets({ db: { ...declaration, accept } }), {}, next) as never;
    const { store, secrets } = this.client;
    store.termMs = pick([15_000, 60_000, 600_000, 3_600_000]);
    store.maxTermMs = store.termMs * pick([1, 3, 20]);
    store.renewable = chance(0.8);
    const watch = secrets.watch("db");
    watch.on("change", ({ current }) => void this.#handedOut(current, "a listener"), { initial: true });
    watch.on("change", () => this.#maybeThrow());
    watch.on("error", () => this.#maybeThrow());
    secrets.derive("db", {
      open: (secret) => void this.#offered(secret as Secret<Login>),
      close: () => this.#maybeThrow(),
      grace: 5_000,
    });
    void secrets.ready().catch(() => undefined);
  }

  get now(): number {
    return this.client.clock.monotonic();
  }

  step(): void {
    const { pick, between, chance } = this.random;
    const { store, secrets, clock } = this.client;
    const failure = (): SecretError => new SecretError(pick(codes), "the model says no");
    const actions: readonly (() => unknown)[] = [
      () => Object.assign(store, { renewError: failure() }),
      () => Object.assign(store, { issueError: failure() }),
      () => Object.assign(store, { hangs: true }),
      () => Object.assign(store, { renewHangs: true }),
      () => this.#revokeBehind(),
      () => this.#decide(pick(["yes", "no", "throws", "later"])),
      () => this.#decide(pick(["yes", "no", "throws", "later"])),
      () => this.#settle(chance(0.5)),
      () => this.#use(chance(0.7)),
      () => this.#use(chance(0.7)),
      () => this.#invalidate(),
      () => this.#invalidate(),
      () => this.#drop(chance(0.5)),
      () => this.#sleep(() => clock.suspend(between(1, 900_000), { monotonicStops: chance(0.5) })),
      () => this.#sleep(() => clock.jump(between(-120, 120) * 1_000)),
      () => void secrets.getSecret("db", { freshness: "fresh" }).catch(() => undefined),
      () => this.#read(),
      () => secrets.notify({}),
    ];
    pick(actions)();
    this.#wellSince = undefined;
    if (chance(0.5)) this.#heal();
  }

  /** What holds at every moment. */
  check(): void {
    const { store, clock } = this.client;
    const latest = this.#latest();
    if (latest !== undefined) {
      const { password } = this.#handedOut(latest, "latest");
      const served = this.#issued(password);
      this.#must(served.endsAt > clock.now(), `${password} is served past its end`);
    }
    const alive = this.#alive();
    this.#must(alive.length <= 2, `${alive} live at once`);
    for (const [index, { at }] of store.issued.entries()) {
      const before = store.issued[index - 1];
      if (before === undefined || before.at <= this.#sleptAt) continue;
      this.#must(at - before.at >= issueSpacingMs, `${store.issued[index]?.password} was issued too soon`);
    }
    for (const password of this.#banned)
      this.#must(this.#isEnded(this.#issued(password)), `${password} was dropped and lives on`);
    const isCalm = this.#wellSince !== undefined && this.now - this.#wellSince > 180_000;
    if (isCalm && store.termMs > 2 * issueSpacingMs) {
      const password = latest?.reveal().password ?? "nothing";
      const isKnown = store.alive.includes(password) || this.#revokedBehind.has(password);
      this.#must(isKnown, `${password} is served, of which the store knows nothing`);
    }
    expect(this.#violations.join("\n")).toBe("");
  }

  async settle(): Promise<void> {
    this.#heal();
    await this.client.clock.advance(400_000);
    this.check();
  }

  async close(): Promise<void> {
    const { secrets, store, clock } = this.client;
    this.#settle(true);
    Object.assign(store, { hangs: false, renewHangs: false });
    const closing = secrets.close();
    await clock.advance(6_000);
    await closing;
    expect(store.alive).toEqual([]);
    expect(clock.armed).toBe(0);
    expect(this.#violations.join("\n")).toBe("");
  }

  /** Nobody learns of it before the next renewal, or before work fails. */
  #revokeBehind(): void {
    const password = this.client.store.issued.at(-1)?.password ?? "";
    this.client.store.revokeBehind(password);
    this.#revokedBehind.add(password);
  }

  #heal(): void {
    const { store } = this.client;
    Object.assign(store, { renewError: undefined, issueError: undefined, hangs: false, renewHangs: false });
    this.#decide("yes");
    this.#settle(true);
    this.#wellSince = this.now;
  }

  #decide(verdict: "yes" | "no" | "throws" | "later"): void {
    this.#verdict = verdict;
  }

  #settle(verdict: boolean): void {
    for (const resolve of this.#pending.splice(0)) resolve(verdict);
  }

  #maybeThrow(): void {
    if (this.random.chance(0.3)) throw new Error("a follower that fails");
  }

  #sleep(change: () => void): void {
    change();
    this.#sleptAt = this.now;
  }

  /** Work that fails where the store would refuse the login, or always. */
  #use(isAlwaysRefused: boolean): void {
    const { secrets, store } = this.client;
    const work = secrets.use(
      "db",
      (secret) => {
        const { password } = this.#handedOut(secret as Secret<Login>, "use");
        if (isAlwaysRefused || !store.alive.includes(password)) throw new Refused();
      },
      { rejected: (error) => error instanceof Refused },
    );
    work.catch(() => undefined);
  }

  #read(): void {
    const reading = this.client.secrets.getSecret("db") as Promise<Secret<Login>>;
    reading.then(
      (secret) => void this.#handedOut(secret, "getSecret"),
      () => undefined,
    );
  }

  /** Where one may be issued and nothing fails, the read that follows gets one that is younger. */
  #invalidate(): void {
    const { secrets, store } = this.client;
    const { length } = store.issued;
    const last = store.issued.at(-1);
    const isFree = last !== undefined && last.at > this.#sleptAt && this.now - last.at > issueSpacingMs + 1_000;
    const isWell = store.issueError === undefined && !store.hangs && this.#verdict === "yes" && !this.#isLeftAlone();
    const isSettled = this.#pending.length === 0 && this.#latest()?.reveal().password === last?.password;
    secrets.invalidate("db");
    const reading = secrets.getSecret("db") as Promise<Secret<Login>>;
    reading.then(
      (secret) => {
        const { password } = this.#handedOut(secret, "getSecret");
        const stillWell = store.issueError === undefined && !store.hangs && this.#verdict === "yes";
        const isYounger = store.issued.findIndex((one) => one.password === password) >= length;
        this.#must(!(isFree && isWell && isSettled && stillWell) || isYounger, `${password} answers invalidate`);
      },
      () => undefined,
    );
  }

  #drop(everything: boolean): void {
    const { secrets, store } = this.client;
    // Where nothing reaches the store, neither does a revocation.
    if (store.hangs) return;
    if (everything) {
      const latest = this.#latest();
      if (latest !== undefined) this.#banned.add(latest.reveal().password);
      return secrets.invalidate("db", { drop: true });
    }
    const seen = this.#seen.slice(-3);
    if (seen.length === 0) return;
    const leaked = this.random.pick(seen);
    this.#banned.add(leaked.reveal().password);
    secrets.invalidate("db", { drop: leaked });
  }

  #isLeftAlone(): boolean {
    return this.client.secrets.health().providers.some(({ state }) => state !== "open");
  }

  /** What has ended once has ended: the clock of a store does not go back with that of its client. */
  #alive(): readonly string[] {
    const { store } = this.client;
    const alive = new Set(store.alive);
    for (const { password } of store.issued) if (!alive.has(password)) this.#ended.add(password);
    return [...alive].filter((password) => !this.#ended.has(password));
  }

  #latest(): Secret<Login> | undefined {
    try {
      return this.client.secrets.latest("db") as Secret<Login>;
    } catch (error) {
      this.#must((error as Error).name === "SecretError", `latest throws ${error}`);
      return undefined;
    }
  }

  /** Every value that leaves the client goes through here. */
  #handedOut(secret: Secret<Login>, call: string): Login {
    const login = this.#offered(secret);
    const end = secret.meta.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    this.#must(end > this.client.clock.now(), `${call} hands out ${login.password} past its end`);
    return login;
  }

  #offered(secret: Secret<Login>): Login {
    const login = secret.reveal();
    this.#must(!this.#banned.has(login.password), `${login.password} is shown, which was dropped`);
    if (this.#seen.at(-1)?.reveal().password !== login.password) this.#seen.push(secret);
    return login;
  }

  #issued(password: string): IssuedCredential {
    return this.client.store.issued.find((one) => one.password === password) as IssuedCredential;
  }

  #isEnded({ password, revoked, endsAt }: IssuedCredential): boolean {
    return revoked || endsAt <= this.client.clock.now() || this.#ended.has(password);
  }

  #must(holds: boolean, what: string): void {
    if (!holds) this.#violations.push(`${what} (at ${this.now} ms)`);
  }
}

test.each(seeds)(
  "what is leased is served while it lives, dropped for good, and never more than two: seed %d",
  async (seed) => {
    const model = new Model(seed);
    for (let round = 0; round < 60; round += 1) {
      model.step();
      await model.client.clock.flush();
      model.check();
      for (let part = 0; part < 5; part += 1) {
        await model.client.clock.advance(model.random.pick([10, 700, 3_000, 40_000]));
        model.check();
      }
    }
    await model.settle();
    await model.close();
  },
);
