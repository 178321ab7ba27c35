import { describe, expect, test } from "vitest";
import { declareSecrets, object, type Secret } from "../../src/index.ts";
import { advanceUntil, scriptedClient } from "../scripted-client.ts";
import type { ScriptedStore } from "../scripted-store.ts";
import { seededRandom } from "../seeded-random.ts";

const as = object(["user", "pass"]);
const declare = declareSecrets({ login: { ref: "login", as } });
const bindings = { login: { fields: { user: { provider: "a", path: "u" }, pass: { provider: "b", path: "p" } } } };
type Login = Secret<{ readonly user: string; readonly pass: string }>;

/** A login whose two halves lie in two stores that are polled every five minutes. */
function client(seed = 1, extra: { readonly declared?: boolean; readonly pollInterval?: string } = {}) {
  const { pollInterval = "5m" } = extra;
  const made = scriptedClient({
    stores: ["a", "b"],
    ...(extra.declared === false ? {} : { declare }),
    random: seededRandom(seed).next,
    providerOptions: { a: { pollInterval }, b: { pollInterval } },
    config: { bindings, routes: [] },
  });
  const { a, b } = made.stores as { a: ScriptedStore; b: ScriptedStore };
  const rotate = (serial: number): void => {
    a.set("u", `user-${serial}`);
    b.set("p", `pass-${serial}`);
  };
  rotate(1);
  const login = (secret: Login): string => {
    const { user, pass } = secret.reveal();
    return `${user}+${pass}`;
  };
  const served = (): string => login(made.secrets.latest("login" as never) as unknown as Login);
  return { ...made, a, b, rotate, login, served };
}

const whole = (serial: number): string => `user-${serial}+pass-${serial}`;

describe("a secret composed of two stores that were rotated in one moment", () => {
  test.each(Array.from({ length: 12 }, (_, index) => index + 1))("is never served mixed: seed %d", async (seed) => {
    const { secrets, clock, rotate, served } = client(seed);
    await advanceUntil(clock, secrets.ready());
    await clock.advance(600_000);
    const seen = new Set<string>();
    secrets.events.on("change", () => void seen.add(served()));
    for (let serial = 2; serial < 6; serial += 1) {
      rotate(serial);
      for (let second = 0; second < 700; second += 1) {
        await clock.advance(1_000);
        seen.add(served());
      }
      expect(served()).toBe(whole(serial));
    }
    expect([...seen].sort()).toEqual([1, 2, 3, 4, 5].map(whole));
  });

  test("costs one further read of the other part for each rotation", async () => {
    const quiet = client();
    const { secrets, a, b, clock, rotate } = client();
    for (const one of [quiet, { secrets, clock }]) {
      await advanceUntil(one.clock, one.secrets.ready());
      await one.clock.advance(600_000);
    }
    rotate(2);
    await clock.advance(3_600_000);
    await quiet.clock.advance(3_600_000);
    const extra = a.reads.length + b.reads.length - quiet.a.reads.length - quiet.b.reads.length;
    expect(Math.abs(extra)).toBeLessThanOrEqual(2);
  });

  test("is told whole when one store pushes and the other does not", async () => {
    const { secrets, a, clock, rotate, served } = client();
    a.supports = { ...a.supports, subscribe: "local" };
    await advanceUntil(clock, secrets.ready());
    const seen: string[] = [];
    secrets.events.on("change", () => void seen.push(served()));
    rotate(2);
    a.hint("u");
    await clock.advance(1_000);
    expect(seen).toEqual([whole(2)]);
  });

  test("is told whole when the other part takes long to read", async () => {
    const { secrets, a, b, clock, rotate, served } = client();
    a.supports = { ...a.supports, subscribe: "local" };
    await advanceUntil(clock, secrets.ready());
    b.latencyMs = 3_000;
    rotate(2);
    a.hint("u");
    await clock.advance(1_000);
    expect(served()).toBe(whole(1));
    await clock.advance(4_000);
    expect(served()).toBe(whole(2));
  });

  test.each([10, 100, 900])(
    "is told whole when it is rotated again %d ms after, while the other part is read again",
    async (afterMs) => {
      const { secrets, a, b, clock, rotate, served } = client();
      a.supports = { ...a.supports, subscribe: "local" };
      await advanceUntil(clock, secrets.ready());
      const seen: string[] = [];
      secrets.events.on("change", () => void seen.push(served()));
      b.latencyMs = 1_000;
      for (const serial of [2, 3]) {
        rotate(serial);
        a.hint("u");
        await clock.advance(afterMs);
      }
      await clock.advance(10_000);
      expect(seen).toEqual([whole(3)]);
    },
  );

  test("is told whole when the rotation falls between the reads of its parts", async () => {
    const { secrets, b, clock, rotate, served } = client();
    await advanceUntil(clock, secrets.ready());
    const seen: string[] = [];
    secrets.events.on("change", () => void seen.push(served()));
    b.script = () => {
      // The other part was read before.
      b.script = undefined;
      rotate(2);
      return undefined;
    };
    const reading = secrets.getSecret("login" as never, { freshness: "fresh" } as never) as Promise<unknown>;
    await advanceUntil(clock, reading);
    expect(seen).toEqual([whole(2)]);
  });

  test("keeps the old pair while the other part cannot be read", async () => {
    const { secrets, a, b, clock, rotate, served } = client();
    a.supports = { ...a.supports, subscribe: "local" };
    await advanceUntil(clock, secrets.ready());
    b.fail("UNAVAILABLE");
    rotate(2);
    a.hint("u");
    await clock.advance(60_000);
    expect(served()).toBe(whole(1));
    b.heal();
    await clock.advance(600_000);
    expect(served()).toBe(whole(2));
  });

  test("is whole for a read after `invalidate`, while a poll of one part was in flight", async () => {
    const { secrets, a, b, clock, rotate, login } = client(1, { pollInterval: "30s" });
    await advanceUntil(clock, secrets.ready());
    a.latencyMs = 2_000;
    for (let n = 0; n < 1_000 && a.inFlight === 0; n += 1) await clock.advance(100);
    rotate(2);
    secrets.invalidate("login");
    const read = await advanceUntil(clock, secrets.getSecret("login" as never) as Promise<unknown>);
    expect(login(read as Login)).toBe(whole(2));
    expect(b.reads.length).toBeGreaterThan(1);
  });
});

describe("a change of one part alone", () => {
  test("is taken over, with the other part as it is", async () => {
    const { secrets, a, clock, served } = client();
    await advanceUntil(clock, secrets.ready());
    a.set("u", "user-9");
    await clock.advance(660_000);
    expect(served()).toBe("user-9+pass-1");
  });

  test("is taken over although the part is different at each read", async () => {
    const { secrets, a, b, clock, served } = client();
    a.supports = { ...a.supports, subscribe: "local" };
    await advanceUntil(clock, secrets.ready());
    a.script = () => {
      a.set("u", `user-${a.reads.length}`);
      return undefined;
    };
    b.script = () => {
      b.set("p", `pass-${b.reads.length}`);
      return undefined;
    };
    const before = a.reads.length + b.reads.length;
    a.hint("u");
    await clock.advance(1_000);
    expect(served()).toMatch(/^user-[2-9]\+pass-[2-9]$/);
    expect(a.reads.length + b.reads.length - before).toBeLessThanOrEqual(12);
  });

  test("never ends in two parts that make each other read again and again", async () => {
    const { secrets, a, b, clock } = client();
    for (const store of [a, b]) store.supports = { ...store.supports, subscribe: "local" };
    await advanceUntil(clock, secrets.ready());
    await clock.advance(1_000);
    const before = a.reads.length + b.reads.length;
    a.set("u", "user-9");
    a.hint("u");
    await clock.advance(60_000);
    expect(a.reads.length + b.reads.length - before).toBeLessThanOrEqual(4);
  });
});

describe("an undeclared composed reference", () => {
  test("is not read mixed where one part ends before the other is due", async () => {
    const { secrets, a, clock, rotate, login } = client(1, { declared: false });
    a.set("u", "user-1", { expiresAt: new Date(clock.now() + 60_000) });
    const read = async (): Promise<string> =>
      login((await advanceUntil(clock, secrets.getSecret("login", as))) as unknown as Login);
    expect(await read()).toBe(whole(1));
    rotate(2);
    const seen = new Set<string>();
    for (let n = 0; n < 400; n += 1) {
      await clock.advance(1_000);
      seen.add(await read());
    }
    expect([...seen].sort()).toEqual([whole(1), whole(2)]);
  });
});
