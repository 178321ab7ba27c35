import { describe, expect, test } from "vitest";
import { type ScriptedClient, scriptedClient, settledOf } from "../../test/scripted-client.ts";
import type { ScriptedStore } from "../../test/scripted-store.ts";
import { type SeededRandom, seededRandom } from "../../test/seeded-random.ts";
import { seedsOf } from "../../test/seeds.ts";
import { declareSecrets } from "../declare/declare.ts";
import { isSecretError, type SecretErrorCode } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import type { SecretChange } from "../watch/secret-change.ts";

// A chain of two or three stores that answer, fail, hang, throttle, rotate, expire and hint at random, while readers
// read. What must hold throughout is stated once, in `Run`. A failing seed repeats exactly.

const minute = 60_000;
const seeds = seedsOf(150);
const failureCodes: readonly SecretErrorCode[] = [
  "UNAVAILABLE",
  "UNAVAILABLE",
  "THROTTLED",
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "INTERNAL",
];

class Run {
  readonly random: SeededRandom;
  readonly client: ScriptedClient;
  readonly stores: readonly ScriptedStore[];
  readonly names: readonly string[];
  readonly written: Set<string> = new Set();
  /** The changes that the watch reported, in order. */
  readonly reported: { value: string; reason: string }[] = [];
  /** Store -> highest number that was seen in its values. */
  readonly #highest: Map<string, number> = new Map();
  /** Store -> time until which a Retry-After forbids calls. */
  readonly #floor: Map<ScriptedStore, number> = new Map();
  readonly #open: { now: { state: string } }[] = [];
  readonly #maxStaleMs: number;
  readonly #fallsBack: boolean;
  /** Violations that were seen where an assertion would be swallowed: in a store, a listener or a callback. */
  readonly #violations: string[] = [];
  #serial = 0;
  #jumpedAt = Number.NEGATIVE_INFINITY;
  #lastOkAt = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const { pick, chance, between } = this.random;
    this.names = ["a", "b", "c"].slice(0, between(2, 3));
    const fallbackOn = ["NOT_FOUND", "UNAVAILABLE", "THROTTLED"].filter(() => chance(0.6));
    this.#fallsBack = fallbackOn.length > 0;
    const maxStale = pick(["unlimited", "unlimited", "3m", "0s"]);
    this.#maxStaleMs = { unlimited: Number.POSITIVE_INFINITY, "3m": 3 * minute, "0s": 0 }[maxStale] as number;
    const pollInterval = pick(["2s", "30s", "10m"]);
    this.client = scriptedClient({
      stores: this.names,
      declare: declareSecrets({ db: { ref: "db" } }),
      random: this.random.next,
      providerOptions: Object.fromEntries(this.names.map((name) => [name, { pollInterval }])),
      config: { routes: [{ match: "**", to: this.names, fallbackOn }], cache: { maxStale, ttl: "20s" } },
    });
    this.stores = Object.values(this.client.stores);
    for (const store of this.stores) this.#script(store);
    this.client.secrets.events.on("read", ({ outcome }) => {
      if (outcome === "ok") this.#lastOkAt = this.client.clock.monotonic();
    });
    this.client.secrets
      .watch("db" as never)
      .on("change", (change) => this.#onChange(change as never), { initial: true });
  }

  get now(): number {
    return this.client.clock.monotonic();
  }

  /** Latest value, or the code of what forbids it. */
  get latest(): string {
    try {
      return (this.client.secrets.latest("db" as never) as Secret<string>).reveal();
    } catch (error) {
      return isSecretError(error) ? error.code : `not a SecretError: ${error}`;
    }
  }

  write(store: ScriptedStore, expiresAt?: Date): string {
    const name = this.names[this.stores.indexOf(store)];
    this.#serial += 1;
    const value = `${name}:${this.#serial}`;
    this.written.add(value);
    store.set("db", value, expiresAt === undefined ? {} : { expiresAt });
    return value;
  }

  step(): void {
    const { pick, chance, between } = this.random;
    const store = pick(this.stores);
    const { secrets, clock } = this.client;
    const actions: readonly (() => unknown)[] = [
      () => this.write(store),
      () => this.write(store),
      () => this.write(store, new Date(clock.now() + between(1_000, 5 * minute))),
      () => store.remove("db"),
      () => store.fail(pick(failureCodes), chance(0.3) ? { retryAfterMs: between(0, 2 * minute) } : {}),
      () => store.heal(),
      () => store.heal(),
      () => {
        store.hangs = true;
      },
      () => {
        store.latencyMs = pick([0, 0, 5, 700, 3_000, 6_000]);
      },
      () => store.hint("db"),
      () => store.hint("db"),
      () => secrets.notify({ reference: "db" }),
      () => store.fail("THROTTLED", { retryAfterMs: between(5_000, 90_000) }),
      () => secrets.invalidate("db"),
      () => this.#read(secrets.getSecret("db" as never)),
      () => this.#read(secrets.getSecret("db#part" as never, { freshness: "cached" })),
      () => this.#read(secrets.getSecret("db" as never, { freshness: "fresh" } as never)),
      () => this.#setTime(() => clock.jump(between(-60, 60) * 1_000)),
      () => this.#setTime(() => clock.suspend(between(1, 120) * 1_000, { monotonicStops: chance(0.5) })),
    ];
    pick(actions)();
  }

  /** Checks the invariants that hold at every moment. */
  check(): void {
    const { latest, client } = this;
    expect(this.#violations).toEqual([]);
    if (!latest.includes(":")) return expect(latest).toMatch(/^[A-Z_]+$/);
    this.#observe(latest);
    const { meta } = client.secrets.latest("db" as never) as Secret<string>;
    const beatHasCome = this.now - this.#jumpedAt > 16_000;
    if (meta.expiresAt !== undefined && beatHasCome)
      expect(meta.expiresAt.getTime()).toBeGreaterThan(client.clock.now());
    const [health] = client.secrets.health().secrets.filter(({ alias }) => alias === "db");
    if (health?.state === "stale") expect(this.now - this.#lastOkAt).toBeLessThanOrEqual(this.#maxStaleMs);
    for (const store of this.stores) expect(store.mostInFlight).toBeLessThanOrEqual(1);
  }

  /** Checks that a store that answers again is used, that the best one wins, and that no hint is lost. */
  async settle(): Promise<void> {
    const { clock } = this.client;
    for (const store of this.stores) {
      store.heal();
      store.latencyMs = 0;
      this.write(store);
    }
    await this.client.clock.advance(25 * minute);
    const [best] = this.stores as [ScriptedStore];
    expect(this.latest).toBe(newestOf(best));
    for (let round = 0; round < 6; round += 1) {
      best.latencyMs = this.random.pick([0, 10, 1_500, 3_000]);
      this.#look(best);
      await clock.advance(this.random.between(0, 2_000));
      const value = this.write(best);
      this.#look(best);
      // Two reads of an earlier round's latency may be on their way.
      await clock.advance(9_000);
      expect(this.latest).toBe(value);
    }
  }

  #look(store: ScriptedStore): void {
    if (store.supports.subscribe === false) this.client.secrets.notify({ reference: "db" });
    else store.hint("db");
  }

  checkReported(): void {
    expect(this.#violations).toEqual([]);
    expect(this.reported.at(-1)?.value).toBe(this.latest);
    for (const [index, { value, reason }] of this.reported.entries()) {
      expect(reason === "initial").toBe(index === 0);
      if (reason === "rotated") expect(value).not.toBe(this.reported[index - 1]?.value);
    }
    expect(this.client.eventsOf("change")).toHaveLength(this.reported.length);
  }

  async checkClose(): Promise<void> {
    const { secrets, clock } = this.client;
    const closing = secrets.close();
    await clock.flush();
    await closing;
    expect(clock.armed).toBe(0);
    const before = this.stores.map(({ reads }) => reads.length);
    const reported = this.reported.length;
    for (const store of this.stores) {
      expect(store.hints.get("db")?.size ?? 0).toBe(0);
      expect([store.inFlight, store.closings]).toEqual([0, store.openings]);
      this.write(store);
      store.hint("db");
    }
    await clock.advance(10 * minute);
    expect(this.stores.map(({ reads }) => reads.length)).toEqual(before);
    expect(this.reported).toHaveLength(reported);
    expect(this.#violations).toEqual([]);
    expect(this.#open.filter(({ now }) => now.state === "pending")).toEqual([]);
  }

  #script(store: ScriptedStore): void {
    const { pick, chance } = this.random;
    const subscribe = pick([false, "local", "remote"] as const);
    store.supports = { ...store.supports, subscribe, conditional: chance(0.5) };
    if (chance(0.7)) this.write(store);
    let burst = 0;
    let burstAt = -1;
    store.script = () => {
      const at = this.now;
      this.#must(at >= (this.#floor.get(store) ?? 0), "no call goes inside a Retry-After");
      burst = at === burstAt ? burst + 1 : 1;
      burstAt = at;
      this.#must(burst <= 12, "no storm of calls in one millisecond");
      this.#must(this.#fallsBack || store === this.stores[0], "no lower store is asked where nothing falls back");
      const { outage } = store;
      if (outage?.retryAfterMs !== undefined && !store.hangs && store.latencyMs === 0) {
        this.#floor.set(store, at + outage.retryAfterMs);
      }
      return undefined;
    };
  }

  #must(holds: boolean, what: string): void {
    if (!holds) this.#violations.push(`${what} (at ${this.now} ms)`);
  }

  #read(reading: Promise<unknown>): void {
    const promise = reading as Promise<Secret<string>>;
    this.#open.push(settledOf(promise));
    promise.then(
      (secret) => this.#seen(secret.reveal()),
      (error) => this.#must(isSecretError(error), `a read rejects with a SecretError, not ${error}`),
    );
  }

  /** Changes the time, which the client notices at its next heartbeat. */
  #setTime(change: () => void): void {
    change();
    this.#jumpedAt = this.now;
  }

  #onChange({ current, previous, reason }: SecretChange<string>): void {
    const value = current.reveal();
    this.#observe(value);
    this.#must(
      previous?.reveal() === this.reported.at(-1)?.value || reason === "recreated",
      "a change follows the one before",
    );
    this.reported.push({ value, reason });
  }

  /** Checks that a value was written. */
  #seen(value: string): string {
    this.#must(this.written.has(value), `"${value}" was never written`);
    return value;
  }

  /** Checks also that no store goes back to an older value. */
  #observe(value: string): void {
    const [store, number] = this.#seen(value).split(":") as [string, string];
    this.#must(Number(number) >= (this.#highest.get(store) ?? 0), `"${value}" is a step back`);
    this.#highest.set(store, Number(number));
  }
}

function newestOf(store: ScriptedStore): string {
  const newest = store.secrets.get("db")?.at(-1);
  if (newest?.status !== "ok" || newest.payload.kind !== "value") throw new Error("the store holds a value");
  return Buffer.from(newest.payload.bytes).toString();
}

describe("a chain of stores with random faults", () => {
  test.each(seeds)("satisfies every invariant: seed %d", async (seed) => {
    const run = new Run(seed);
    for (let step = 0; step < 80; step += 1) {
      run.step();
      await run.client.clock.advance(run.random.pick([0, 0, 1, 50, 400, 900, 1_100, 5_000, 20_000]));
      run.check();
    }
    await run.settle();
    run.checkReported();
    await run.checkClose();
  });

  test.each(seeds.slice(0, 60))("leaves nothing behind when it is closed at any moment: seed %d", async (seed) => {
    const run = new Run(seed + 10_000);
    const steps = run.random.between(0, 40);
    for (let step = 0; step < steps; step += 1) {
      run.step();
      await run.client.clock.advance(run.random.pick([0, 1, 400, 3_000]));
    }
    run.step();
    await run.checkClose();
  });
});
