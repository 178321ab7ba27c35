import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll, pollMs } from "../../test/declared-client.ts";
import { advanceUntil } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";

const minute = 60_000;
const declared = declareSecrets({ hook: { ref: "hook", overlap: "15m" }, plain: { ref: "hook" } });

/** A client whose store keeps versions, or does not. */
function client(options: { readonly versions: boolean }) {
  const made = declaredClient(declared, { supports: { subscribe: "local", versions: options.versions } });
  const rotate = async (value: string, facts: { createdAt?: Date; version?: string } = {}): Promise<void> => {
    made.store.set("hook", value, facts);
    made.store.hint("hook");
    await made.clock.flush();
  };
  const accepted = (): readonly string[] => made.secrets.accepted("hook").map((secret: Secret) => secret.reveal());
  return { ...made, rotate, accepted };
}

describe.each([{ versions: true }, { versions: false }])("accepted, where %o", (options) => {
  test("returns only the current value before the first rotation", async () => {
    const { secrets, store, accepted } = client(options);
    store.set("hook", "one");
    await secrets.ready();
    expect(accepted()).toEqual(["one"]);
  });

  test("returns the previous value too, newest first, during the overlap after a rotation", async () => {
    const { secrets, store, clock, rotate, accepted } = client(options);
    store.set("hook", "one");
    await secrets.ready();
    await rotate("two");
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(15 * minute - 1_000);
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(1_000);
    expect(accepted()).toEqual(["two"]);
  });

  test("counts the overlap from the time of an observed rotation, however old the value claims to be", async () => {
    const { secrets, store, clock, rotate, accepted } = client(options);
    store.set("hook", "one");
    await secrets.ready();
    await clock.advance(60 * minute);
    await rotate("two", { createdAt: new Date(clock.now() - 100 * minute) });
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(13 * minute);
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(2 * minute);
    expect(accepted()).toEqual(["two"]);
  });

  test("of a declaration without an overlap returns only the current value", async () => {
    const { secrets, store, rotate } = client(options);
    store.set("hook", "one");
    await secrets.ready();
    await rotate("two");
    expect(secrets.accepted("plain").map((secret) => secret.reveal())).toEqual(["two"]);
  });

  test("ends at once with a drop, for the previous value too", async () => {
    const { secrets, store, rotate, accepted } = client(options);
    store.set("hook", "one");
    await secrets.ready();
    await rotate("two");
    secrets.invalidate("hook", { drop: true });
    expect(accepted).toThrow(expect.objectContaining({ code: "NOT_READY", reason: "dropped" }));
    await rotate("three");
    expect(accepted()).toEqual(["three"]);
  });

  test("throws what `latest` throws", async () => {
    const { secrets, accepted } = client(options);
    expect(accepted).toThrow(expect.objectContaining({ code: "NOT_READY" }));
    await secrets.close();
    expect(accepted).toThrow(expect.objectContaining({ code: "CLOSED" }));
  });

  test("does not count a version with the same content as previous", async () => {
    const { secrets, store, rotate, accepted } = client(options);
    store.set("hook", "one");
    await secrets.ready();
    await rotate("one");
    expect(accepted()).toEqual(["one"]);
  });
});

describe("the previous value", () => {
  test("comes from the provider's own versions when this process never saw it", async () => {
    const { secrets, store, clock, accepted } = client({ versions: true });
    store.set("hook", "one");
    store.set("hook", "two", { createdAt: new Date(clock.now() - 5 * minute) });
    await secrets.ready();
    expect(accepted()).toEqual(["two", "one"]);
    expect(store.reads.filter(({ version }) => version === "previous")).toHaveLength(1);
    expect(store.reads.filter(({ version }) => version === "current")).toHaveLength(1);
  });

  test("is not accepted longer because the process restarted: createdAt counts", async () => {
    const { secrets, store, clock, accepted } = client({ versions: true });
    store.set("hook", "one");
    store.set("hook", "two", { createdAt: new Date(clock.now() - 20 * minute) });
    await secrets.ready();
    expect(accepted()).toEqual(["two"]);
  });

  test("that cannot be read is one event; `ready` succeeds, and the value that this process remembers is used", async () => {
    const { secrets, store, clock, rotate, accepted, eventsOf } = client({ versions: true });
    store.script = ({ version }) => (version === "previous" ? denied() : undefined);
    store.set("hook", "one");
    await secrets.ready();
    expect(eventsOf("error")).toEqual([
      { type: "error", reference: "hook@previous", code: "PERMISSION_DENIED", served: false, required: false },
    ]);
    await rotate("two");
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(pollMs);
    expect(accepted()).toEqual(["two", "one"]);
  });

  test("is requested once per rotation, also after several rotations", async () => {
    const { secrets, store, rotate, accepted } = client({ versions: true });
    store.set("hook", "one");
    await secrets.ready();
    for (const [value, previous] of [
      ["two", "one"],
      ["three", "two"],
      ["four", "three"],
    ] as const) {
      await rotate(value);
      expect(accepted()).toEqual([value, previous]);
    }
    expect(store.reads.filter(({ version }) => version === "previous")).toHaveLength(4);
  });

  test("is decoded like the current one", async () => {
    const pair = declareSecrets({ pair: { ref: "pair", as: object(["user"]), overlap: "1h" } });
    const { secrets, store, clock } = declaredClient(pair);
    store.set("pair", { user: "a" });
    await secrets.ready();
    store.set("pair", { user: "b" });
    await nextPoll({ clock });
    expect(secrets.accepted("pair").map((secret) => secret.reveal())).toEqual([{ user: "b" }, { user: "a" }]);
  });

  test("of structured content stays refused after a drop, too", async () => {
    const pair = declareSecrets({ pair: { ref: "pair", as: object(["user"]), overlap: "1h" } });
    const { secrets, store, clock } = declaredClient(pair, { supports: { versions: false } });
    store.set("pair", { user: "leaked first" });
    await secrets.ready();
    store.set("pair", { user: "leaked second" });
    await nextPoll({ clock });
    secrets.invalidate("pair", { drop: true });
    store.set("pair", { user: "leaked first" });
    await nextPoll({ clock });
    expect(() => secrets.latest("pair")).toThrow(expect.objectContaining({ reason: "dropped" }));
    store.set("pair", { user: "new" });
    await nextPoll({ clock });
    expect(secrets.latest("pair").reveal()).toEqual({ user: "new" });
  });

  test("is not served after its own expiry", async () => {
    const { secrets, store, clock, rotate, accepted } = client({ versions: false });
    store.set("hook", "one", { expiresAt: new Date(clock.now() + 10 * minute) });
    await secrets.ready();
    await rotate("two");
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(10 * minute);
    expect(accepted()).toEqual(["two"]);
  });
});

describe("the reference @previous", () => {
  test("reads the provider's own version, and changes with the current one", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ old: { ref: "hook@previous" } }));
    store.set("hook", "one");
    store.set("hook", "two");
    await secrets.ready();
    expect(secrets.latest("old").reveal()).toBe("one");
    expect(secrets.latest("old").reference).toBe("hook@previous");
    store.set("hook", "three");
    await nextPoll({ clock });
    expect(secrets.latest("old").reveal()).toBe("two");
  });

  test("never returns the value that this process remembers", async () => {
    const { secrets, store, clock, rotate } = client({ versions: false });
    store.set("hook", "one");
    await secrets.ready();
    await rotate("two");
    const reading = advanceUntil(clock, secrets.getSecret("hook@previous"));
    await expect(reading).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  test("is NOT_FOUND while there is only one version", async () => {
    const { secrets, store } = client({ versions: true });
    store.set("hook", "one");
    await expect(secrets.getSecret("hook@previous")).rejects.toMatchObject({ code: "NOT_FOUND", definitive: true });
  });
});

function denied(): SecretError {
  return new SecretError("PERMISSION_DENIED", "the store is scripted to refuse its old versions");
}
