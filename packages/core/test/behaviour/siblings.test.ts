import { describe, expect, test } from "vitest";
import { declareSecrets, type OpenSecrets, object } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";
import { leasingClient } from "../leasing-client.ts";
import { advanceUntil, latest, scriptedClient } from "../scripted-client.ts";
import { pair } from "../store-pair.ts";

const declared = declareSecrets({
  user: { ref: "db#user" },
  pass: { ref: "db#pass" },
  both: { ref: "db", as: object(["user", "pass"]) },
});

async function client(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(declared, { supports: { subscribe: "local" }, ...options });
  const rotate = async (serial: number): Promise<void> => {
    made.store.set("db", { user: `u${serial}`, pass: `p${serial}` });
    made.store.hint("db");
    await made.clock.flush();
  };
  made.store.set("db", { user: "u1", pass: "p1" });
  await made.secrets.ready();
  const { secrets } = made;
  /** What an application that joins all three reads at this moment. */
  const joined = (): string => {
    const { user, pass } = secrets.latest("both").reveal();
    return `${secrets.latest("user").reveal()}+${secrets.latest("pass").reveal()}+${user}+${pass}`;
  };
  const whole = (serial: number): string => `u${serial}+p${serial}+u${serial}+p${serial}`;
  return { ...made, rotate, joined, whole };
}

describe("aliases of one secret, at any moment of one rotation,", () => {
  test.each(["user", "pass", "both"] as const)("are seen together by a change listener of `%s`", async (alias) => {
    const { secrets, clock, rotate, joined, whole } = await client();
    const seen: string[] = [];
    secrets.watch(alias).on("change", () => void seen.push(joined()));
    await clock.flush();
    await rotate(2);
    await rotate(3);
    expect(seen).toEqual([whole(2), whole(3)]);
  });

  test("are seen together by a listener for the event of each", async () => {
    const { secrets, rotate, joined, whole } = await client();
    const seen: string[] = [];
    secrets.events.on("change", () => void seen.push(joined()));
    await rotate(2);
    expect(seen).toEqual([whole(2), whole(2), whole(2)]);
  });

  test("are seen together by whoever awaits a change", async () => {
    const { secrets, clock, rotate, joined, whole } = await client();
    const iterator = secrets.watch("user")[Symbol.asyncIterator]();
    await clock.flush();
    await iterator.next();
    const next = iterator.next().then(joined);
    await rotate(2);
    expect(await next).toBe(whole(2));
  });

  test("are seen together by who reads anew", async () => {
    const { secrets, store, joined, whole } = await client();
    store.set("db", { user: "u2", pass: "p2" });
    await secrets.getSecret("user", { freshness: "fresh" });
    expect(joined()).toBe(whole(2));
  });

  test("are seen together by whoever hears of their deletion and return", async () => {
    const { secrets, store, clock, rotate } = await client();
    const states: string[] = [];
    const watches = (["user", "pass", "both"] as const).map((alias) => secrets.watch(alias));
    await clock.flush();
    for (const watch of watches) {
      watch.on("delete", () => void states.push(watches.map(({ state }) => state).join()));
      (watch as { on(event: "change", listener: () => void): unknown }).on("change", () => {
        states.push(watches.map(({ state }) => state).join());
      });
    }
    store.remove("db");
    store.hint("db");
    await clock.flush();
    await rotate(1);
    expect(new Set(states.slice(0, 3))).toEqual(new Set(["deleted,deleted,deleted"]));
    expect(new Set(states.slice(3))).toEqual(new Set(["live,live,live"]));
    expect(states).toHaveLength(6);
  });

  test("are seen together by whoever hears that reading failed", async () => {
    const { secrets, store, clock } = await client({ config: { onDenied: "throw" } });
    const watches = (["user", "pass", "both"] as const).map((alias) => secrets.watch(alias));
    await clock.flush();
    const states: string[] = [];
    for (const watch of watches) watch.on("error", () => void states.push(watches.map(({ state }) => state).join()));
    store.fail("PERMISSION_DENIED");
    store.hint("db");
    await clock.flush();
    expect(states).toEqual(["stale,stale,stale", "stale,stale,stale", "stale,stale,stale"]);
  });

  test("are seen together by an undeclared watch", async () => {
    const { secrets, clock, rotate } = await client();
    const user = secrets.watch("db#user");
    const pass = secrets.watch("db#pass");
    await Promise.all([user.ready, pass.ready]);
    const seen: string[] = [];
    user.on("change", () => void seen.push(`${user.latest.reveal()}+${pass.latest.reveal()}`));
    await clock.flush();
    await rotate(2);
    expect(seen).toEqual(["u2+p2"]);
  });

  test("are seen together through a chain", async () => {
    const declare = declareSecrets({ user: { ref: "db#user" }, pass: { ref: "db#pass" } });
    const { secrets, a, clock } = pair(["UNAVAILABLE"], { declare });
    a.supports = { ...a.supports, subscribe: "local" };
    a.set("db", { user: "u1", pass: "p1" });
    await advanceUntil(clock, secrets.ready());
    const seen: string[] = [];
    secrets.events.on("change", () => void seen.push(`${latest(secrets, "user")}+${latest(secrets, "pass")}`));
    a.set("db", { user: "u2", pass: "p2" });
    a.hint("db");
    await clock.flush();
    expect(seen).toEqual(["u2+p2", "u2+p2"]);
  });

  test("are seen together through a composition", async () => {
    const declare = declareSecrets({ user: { ref: "login#user" }, pass: { ref: "login#pass" } });
    const bindings = {
      login: {
        fields: {
          user: { provider: "a", path: "db", select: "user" },
          pass: { provider: "a", path: "db", select: "pass" },
        },
      },
    };
    const { secrets, store, clock } = scriptedClient({ stores: ["a"], declare, config: { bindings } });
    store.supports = { ...store.supports, subscribe: "local" };
    store.set("db", { user: "u1", pass: "p1" });
    await secrets.ready();
    const seen: string[] = [];
    secrets.events.on("change", () => void seen.push(`${latest(secrets, "user")}+${latest(secrets, "pass")}`));
    store.set("db", { user: "u2", pass: "p2" });
    store.hint("db");
    await clock.advance(1_000);
    expect(seen).toEqual(["u2+p2", "u2+p2"]);
  });

  test("are seen together under two names that are bound to one path", async () => {
    const declare = declareSecrets({ user: { ref: "name" }, pass: { ref: "word" } });
    const bindings = {
      name: { provider: "store", path: "db", select: "user" },
      word: { provider: "store", path: "db", select: "pass" },
    };
    const { secrets, store, clock } = declaredClient(declare, {
      supports: { subscribe: "local" },
      config: { bindings },
    });
    store.set("db", { user: "u1", pass: "p1" });
    await secrets.ready();
    const seen: string[] = [];
    const note = (): void => void seen.push(`${secrets.latest("user").reveal()}+${secrets.latest("pass").reveal()}`);
    secrets.watch("user").on("change", note);
    secrets.watch("pass").on("change", note);
    await clock.flush();
    store.set("db", { user: "u2", pass: "p2" });
    store.hint("db");
    await clock.flush();
    expect(seen).toEqual(["u2+p2", "u2+p2"]);
  });

  test("are seen together when a leased credential is replaced", async () => {
    const leased = declareSecrets({ user: { ref: "creds/x#username" }, pass: { ref: "creds/x#password" } });
    const { secrets, clock } = leasingClient(leased);
    await secrets.ready();
    await clock.advance(15_000);
    const seen: string[] = [];
    const note = (): void => void seen.push(`${secrets.latest("user").reveal()}+${secrets.latest("pass").reveal()}`);
    secrets.watch("user").on("change", note);
    secrets.watch("pass").on("change", note);
    await clock.flush();
    secrets.invalidate("creds/x");
    await advanceUntil(clock, secrets.getSecret("user"));
    expect(seen).toEqual(["user-2+password-2", "user-2+password-2"]);
  });
});

describe("resources derived from aliases of one secret", () => {
  /** Pools that read the other alias when they open, as a beginner writes them. */
  function pools(secrets: OpenSecrets<{ user: { ref: string }; pass: { ref: string } }>) {
    const opened: string[] = [];
    const open = (): string => {
      const login = `${secrets.latest("user").reveal()}+${secrets.latest("pass").reveal()}`;
      opened.push(login);
      return login;
    };
    return { opened, user: secrets.derive("user", { open }), pass: secrets.derive("pass", { open }) };
  }

  test("never stay on a pair that no store ever held", async () => {
    const { secrets, clock, rotate } = await client();
    const { user, pass } = pools(secrets as never);
    await secrets.ready();
    await rotate(2);
    await clock.advance(120_000);
    expect([secrets.latest("user").reveal(), secrets.latest("pass").reveal()]).toEqual(["u2", "p2"]);
    expect(["u1+p1", "u2+p2"]).toContain(user.current);
    expect(["u1+p1", "u2+p2"]).toContain(pass.current);
  });
});

describe("what `diagnose` says of aliases with selectors into one secret", () => {
  test("is that values which belong together are read as one object, where one of them is derived", async () => {
    const { secrets } = await client();
    secrets.derive("user", { open: (secret) => secret.reveal() });
    await secrets.ready();
    const findings = await secrets.diagnose();
    expect(findings.map(({ tip = "" }) => tip).join("\n")).toContain("object([");
  });

  test("is nothing where none of them is derived", async () => {
    const { secrets } = await client();
    const findings = await secrets.diagnose();
    expect(findings.map(({ tip = "" }) => tip).join("\n")).not.toContain("object([");
  });
});
