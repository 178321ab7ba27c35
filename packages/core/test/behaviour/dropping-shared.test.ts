import { describe, expect, test } from "vitest";
import { declareSecrets, object, type Secret, SecretError, type SecretEvent } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";
import { leasingClient } from "../leasing-client.ts";
import { advanceUntil, settledOf } from "../scripted-client.ts";

const dropped = expect.objectContaining({ code: "NOT_READY", reason: "dropped" });

describe("a credential that was leased and is dropped", () => {
  const aliases = declareSecrets({ user: { ref: "creds/x#username" }, pass: { ref: "creds/x#password" } });

  async function client() {
    const made = leasingClient(aliases);
    made.store.termMs = 600_000;
    await made.secrets.ready();
    await made.clock.advance(15_000);
    return made;
  }

  test.each(["true", "the Secret"])("ends for every alias of its path at once (by %s)", async (by) => {
    const { secrets, store, clock } = await client();
    store.issueError = new SecretError("UNAVAILABLE", "none to be had");
    secrets.invalidate("pass", { drop: by === "true" ? true : secrets.latest("pass") });
    expect(() => secrets.latest("pass")).toThrow(dropped);
    expect(() => secrets.latest("user")).toThrow(dropped);
    await clock.flush();
    expect(store.alive).toEqual([]);
  });

  test("ends for what is derived from and watched through the other alias", async () => {
    const { secrets, store, clock } = await client();
    const log: string[] = [];
    const derived = secrets.derive("user", {
      open: (secret) => secret.reveal(),
      close: (resource) => void log.push(`close ${resource}`),
    });
    const watch = secrets.watch("user");
    await secrets.ready();
    store.issueError = new SecretError("UNAVAILABLE", "none to be had");
    secrets.invalidate("pass", { drop: true });
    await clock.advance(1_000);
    expect(() => derived.current).toThrow(dropped);
    expect(() => watch.latest).toThrow(dropped);
    expect(secrets.health().status).toBe("down");
    expect(log).toEqual(["close user-1"]);
  });

  test("is followed by another one for all of them, also where the other alias reads equal content", async () => {
    const { secrets, store, clock } = leasingClient(aliases);
    await secrets.ready();
    await clock.advance(15_000);
    secrets.invalidate("pass", { drop: true });
    await clock.advance(30_000);
    expect(secrets.latest("pass").reveal()).toBe("password-2");
    expect(secrets.latest("user").reveal()).toBe("user-2");
    expect(store.alive).toEqual(["password-2"]);
  });

  test("under one name ends for the other name of the same path", async () => {
    const bindings = { x: { provider: "store", path: "creds/x" }, y: { provider: "store", path: "creds/x" } };
    const as = object(["username", "password"]);
    const { secrets, store, clock } = leasingClient(declareSecrets({ x: { ref: "x", as }, y: { ref: "y", as } }), {
      bindings,
    });
    store.termMs = 600_000;
    await secrets.ready();
    await clock.advance(15_000);
    store.issueError = new SecretError("UNAVAILABLE", "none to be had");
    secrets.invalidate("x", { drop: true });
    expect(() => secrets.latest("x")).toThrow(dropped);
    expect(() => secrets.latest("y")).toThrow(dropped);
  });

  test("ends for an undeclared reference of its path", async () => {
    const { secrets, store, clock } = await client();
    const watch = secrets.watch("creds/x#username");
    await watch.ready;
    store.issueError = new SecretError("UNAVAILABLE", "none to be had");
    secrets.invalidate("pass", { drop: true });
    await clock.flush();
    expect(() => watch.latest).toThrow(dropped);
  });

  test("that another one has replaced ends alone: the one that is served stays", async () => {
    const { secrets, store, clock } = await client();
    const leaked = secrets.latest("pass");
    secrets.invalidate("pass");
    await advanceUntil(clock, secrets.getSecret("pass"));
    expect(store.alive).toEqual(["password-1", "password-2"]);
    secrets.invalidate("pass", { drop: leaked });
    await clock.flush();
    expect(secrets.latest("pass").reveal()).toBe("password-2");
    expect(secrets.latest("user").reveal()).toBe("user-2");
    expect(store.alive).toEqual(["password-2"]);
  });

  test("while `accept` decides about another one is revoked, and so is that with `drop: true`", async () => {
    const verdict = Promise.withResolvers<boolean>();
    const as = object(["username", "password"]);
    const accept = (next: Secret<{ password: string }>): boolean | Promise<boolean> =>
      next.reveal().password !== "password-2" || verdict.promise;
    const { secrets, store, clock } = leasingClient(declareSecrets({ c: { ref: "creds/x", as, accept } }));
    store.termMs = 600_000;
    await secrets.ready();
    await clock.advance(15_000);
    secrets.invalidate("c");
    void secrets.getSecret("c").catch(() => undefined);
    await clock.advance(1_000);
    expect(store.alive).toEqual(["password-1", "password-2"]);
    secrets.invalidate("c", { drop: true });
    verdict.resolve(true);
    await clock.flush();
    expect(store.alive).toEqual([]);
    expect(() => secrets.latest("c")).toThrow(dropped);
  });
});

describe("a value that is not leased and is dropped", () => {
  const declared = declareSecrets({
    pair: { ref: "pair", as: object(["user", "pass"]) },
    user: { ref: "pair#user" },
    pass: { ref: "pair#pass" },
    same: { ref: "pair#pass" },
    elsewhere: { ref: "copy" },
    old: { ref: "pair@previous#pass", optional: true },
  });

  async function client() {
    const made = declaredClient(declared, { supports: { subscribe: "local" } });
    made.store.set("pair", { user: "u1", pass: "leaked" });
    made.store.set("copy", "leaked");
    await made.secrets.ready();
    const rotate = async (pass: string): Promise<void> => {
      made.store.set("pair", { user: "u1", pass });
      made.store.hint("pair");
      await made.clock.flush();
    };
    return { ...made, rotate };
  }

  test("takes with it every alias of its name that reads a part of it", async () => {
    const { secrets, rotate } = await client();
    secrets.invalidate("pair", { drop: true });
    for (const alias of ["pair", "user", "pass", "same"] as const)
      expect(() => secrets.latest(alias), alias).toThrow(dropped);
    await rotate("good");
    expect(secrets.latest("pass").reveal()).toBe("good");
    expect(secrets.latest("pair").reveal()).toEqual({ user: "u1", pass: "good" });
  });

  test("takes with it what reads the same content, and leaves what reads other content", async () => {
    const { secrets } = await client();
    secrets.invalidate("pass", { drop: true });
    expect(() => secrets.latest("pass")).toThrow(dropped);
    expect(() => secrets.latest("same")).toThrow(dropped);
    expect(secrets.latest("user").reveal()).toBe("u1");
  });

  test("leaves equal content of another name", async () => {
    const { secrets } = await client();
    secrets.invalidate("pair", { drop: true });
    expect(secrets.latest("elsewhere").reveal()).toBe("leaked");
  });

  test("is handed out by no alias that reads it when it comes back", async () => {
    const { secrets, rotate } = await client();
    secrets.invalidate("pass", { drop: secrets.latest("pass") });
    await rotate("good");
    await rotate("leaked");
    for (const alias of ["pass", "same"] as const) expect(secrets.latest(alias).reveal(), alias).toBe("good");
    expect(secrets.latest("user").reveal()).toBe("u1");
  });

  test("does not keep an alias that reads an unchanged part of it from being served again", async () => {
    const { secrets, rotate } = await client();
    secrets.invalidate("pair", { drop: true });
    await rotate("good");
    expect(secrets.latest("user").reveal()).toBe("u1");
  });

  test("is handed out by no alias of its name as the previous version", async () => {
    const { secrets, rotate, clock } = await client();
    const leaked = secrets.latest("pass");
    await rotate("good");
    await clock.advance(120_000);
    expect(secrets.latest("old")?.reveal()).toBe("leaked");
    secrets.invalidate("pass", { drop: leaked });
    expect(() => secrets.latest("old")).toThrow(expect.objectContaining({ reason: "dropped" }));
    expect(secrets.latest("pass").reveal()).toBe("good");
  });

  test("is dropped for an undeclared reference of its name too", async () => {
    const { secrets, rotate, clock } = await client();
    expect((await secrets.getSecret("pair#pass")).reveal()).toBe("leaked");
    secrets.invalidate("pair", { drop: true });
    const reading = settledOf(secrets.getSecret("pair#pass"));
    await clock.advance(2_000);
    expect(reading.now.state).toBe("pending");
    await rotate("good");
    await clock.advance(10_000);
    expect((reading.now as { value?: Secret }).value?.reveal()).toBe("good");
  });

  test("can be named although an alias shadows its name", async () => {
    const shadowing = declareSecrets({ pair: { ref: "pair#user" }, pass: { ref: "pair#pass" } });
    const { secrets, store } = declaredClient(shadowing, { supports: { subscribe: "local" } });
    store.set("pair", { user: "u1", pass: "leaked" });
    await secrets.ready();
    secrets.invalidate("pair", { drop: true });
    expect(secrets.latest("pass").reveal()).toBe("leaked");
    secrets.invalidate({ name: "pair" }, { drop: true });
    expect(() => secrets.latest("pass")).toThrow(dropped);
    expect(() => secrets.latest("pair")).toThrow(dropped);
  });

  test("is an event for each reference that it ends", async () => {
    const { secrets } = await client();
    const drops: Extract<SecretEvent, { type: "drop" }>[] = [];
    secrets.events.on("drop", (event) => void drops.push(event));
    secrets.invalidate("pair", { drop: true });
    const references = drops.map(({ reference }) => reference);
    expect(references).toEqual(expect.arrayContaining(["pair", "pair#user", "pair#pass"]));
    expect(references).not.toContain("copy");
  });

  test("does not leave the named view when only a Secret of another alias is at hand", async () => {
    const { secrets, rotate } = await client();
    secrets.invalidate({ name: "pair" }, { drop: secrets.latest("pass") });
    expect(() => secrets.latest("pass")).toThrow(dropped);
    expect(() => secrets.latest("same")).toThrow(dropped);
    expect(secrets.latest("user").reveal()).toBe("u1");
    await rotate("good");
    expect(secrets.latest("pass").reveal()).toBe("good");
  });
});
