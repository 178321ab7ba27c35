import { describe, expect, test } from "vitest";
import { leasingClient } from "../../test/leasing-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";

const pair = object(["username", "password"]);
const declared = declareSecrets({ db: { ref: "creds/app", as: pair } });
const minute = 60_000;

function client(options: Partial<ReturnType<typeof leasingClient>["store"]> = {}) {
  const made = leasingClient(declared);
  Object.assign(made.store, options);
  return made;
}

describe("close", () => {
  test("revokes every lease that is still valid, including replaced ones", async () => {
    const { secrets, store, clock } = client({ renewable: false });
    await secrets.ready();
    await clock.advance(41_000);
    await secrets.getSecret("creds/other", pair);
    expect(store.alive).toHaveLength(3);
    await secrets.close();
    expect(store.alive).toEqual([]);
    expect(store.revocations).toBe(3);
  });

  test("does not revoke leases that have ended", async () => {
    const { secrets, store, clock } = client({ renewable: false });
    await secrets.ready();
    await clock.advance(70_000);
    expect(store.issued).toHaveLength(2);
    await secrets.close();
    expect(store.revocations).toBe(1);
  });

  test("reports each lease that it could not revoke, and when that lease ends", async () => {
    const { secrets, store, clock, eventsOf } = client({ revokeError: new SecretError("PERMISSION_DENIED", "no") });
    await secrets.ready();
    const endsAt = new Date(clock.now() + minute);
    await secrets.close();
    expect(store.alive).toHaveLength(1);
    expect(eventsOf("lease-not-revoked")).toEqual([
      {
        type: "lease-not-revoked",
        provider: "store",
        path: "creds/app",
        code: "PERMISSION_DENIED",
        lease: "lease-1",
        endsAt,
      },
    ]);
  });

  test("revokes a credential that was still being issued", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { secrets, store, clock } = client({ late: promise });
    const ready = settledOf(secrets.ready());
    await clock.flush();
    expect(store.issued).toHaveLength(1);
    await secrets.close();
    resolve();
    await clock.flush();
    expect(ready.now.state).toBe("rejected");
    expect(store.alive).toEqual([]);
  });

  test("is limited in time even if the store does not answer", async () => {
    const { secrets, clock, store } = client();
    await secrets.ready();
    store.revokeHangs = true;
    const closing = settledOf(secrets.close());
    await clock.advance(4_900);
    expect(closing.now.state).toBe("pending");
    await clock.advance(200);
    expect(closing.now.state).toBe("resolved");
  });
});

describe("a credential that arrives after its deadline", () => {
  test("is revoked", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { secrets, store, clock } = client({ late: promise });
    const ready = settledOf(secrets.ready());
    await clock.advance(10_100);
    store.late = undefined;
    resolve();
    await clock.advance(10_000);
    expect(ready.now.state).toBe("resolved");
    expect(store.alive).toEqual([secrets.latest("db").reveal().password]);
    await secrets.close();
  });
});

describe("an undeclared lease", () => {
  const nothing = declareSecrets({});

  test("is renewed while it is read, and revoked after a term without a read", async () => {
    const { secrets, store, clock } = leasingClient(nothing);
    for (let round = 0; round < 30; round += 1) {
      await secrets.getSecret("creds/app", pair);
      await clock.advance(15_000);
    }
    expect(store.issued).toHaveLength(1);
    expect(store.alive).toHaveLength(1);
    await clock.advance(2.5 * minute);
    expect(store.alive).toEqual([]);
    expect(store.revocations).toBe(1);
    expect((await secrets.getSecret("creds/app", pair)).reveal().password).toBe("password-2");
    await secrets.close();
    expect(store.alive).toEqual([]);
  });

  test("that cannot be renewed is replaced only at its next read", async () => {
    const { secrets, store, clock } = leasingClient(nothing);
    store.renewable = false;
    await secrets.getSecret("creds/app", pair);
    await clock.advance(10 * minute);
    expect(store.issued).toHaveLength(1);
    await secrets.getSecret("creds/app", pair);
    await clock.advance(45_000);
    expect((await secrets.getSecret("creds/app", pair)).reveal().password).toBe("password-3");
    await secrets.close();
  });

  test("is not evicted by reads of many other names while it is valid", async () => {
    const { secrets, store, clock } = leasingClient(nothing, { cache: { maxEntries: 10 } });
    await secrets.getSecret("creds/app", pair);
    for (let index = 0; index < 100; index += 1) await secrets.getSecret(`static/${index}`, pair);
    store.issued.length = 1;
    await secrets.getSecret("creds/app", pair);
    expect(store.issued).toHaveLength(1);
    await clock.flush();
    await secrets.close();
    expect(store.alive).toEqual([]);
  });
});

describe("invalidate", () => {
  test("requests another credential, at most once in 10 s, and lets the old one expire", async () => {
    const { secrets, store, clock } = client();
    await secrets.ready();
    secrets.invalidate("db");
    expect((await secrets.getSecret("db")).reveal().password).toBe("password-1");
    await clock.advance(10_000);
    secrets.invalidate("db");
    expect((await secrets.getSecret("db")).reveal().password).toBe("password-2");
    expect(store.alive).toEqual(["password-1", "password-2"]);
    await secrets.close();
  });

  test("with drop revokes the leaked credential at once", async () => {
    const { secrets, store, clock } = client();
    await secrets.ready();
    await clock.advance(15_000);
    secrets.invalidate("db", { drop: true });
    await clock.flush();
    expect(store.alive).toEqual(["password-2"]);
    expect(secrets.latest("db").reveal().password).toBe("password-2");
    secrets.invalidate("db", { drop: true });
    await clock.advance(15_000);
    expect(store.alive).toEqual([secrets.latest("db").reveal().password]);
    await secrets.close();
  });
});
