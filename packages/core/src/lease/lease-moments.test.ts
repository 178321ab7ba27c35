import { describe, expect, test } from "vitest";
import { leasingClient } from "../../test/leasing-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";

const pair = object(["username", "password"]);
const declared = declareSecrets({ db: { ref: "creds/app", as: pair } });
const minute = 60_000;

describe("while the first credential is issued", () => {
  test.each([false, true])("invalidate requests no second credential (drop: %s)", async (drop) => {
    const { secrets, store, clock } = leasingClient(declared);
    store.latencyMs = 2_000;
    const ready = settledOf(secrets.ready());
    await clock.advance(500);
    secrets.invalidate("db", { drop });
    const read = settledOf(secrets.getSecret("db"));
    await clock.advance(9_000);
    expect([ready.now.state, read.now.state]).toEqual(["resolved", "resolved"]);
    expect(store.issued).toHaveLength(1);
    expect(store.alive).toEqual(["password-1"]);
    await secrets.close();
    expect(store.alive).toEqual([]);
  });

  test("accept may refuse it repeatedly: it is renewed meanwhile, and no other credential is issued", async () => {
    let verdict = false;
    const { secrets, store, clock } = leasingClient(
      declareSecrets({ db: { ref: "creds/app", as: pair, accept: () => verdict } }),
    );
    const ready = settledOf(secrets.ready());
    await clock.advance(5 * minute);
    expect(ready.now.state).toBe("rejected");
    verdict = true;
    await clock.advance(90_000);
    expect(store.issued).toHaveLength(1);
    expect(store.alive).toEqual([secrets.latest("db").reveal().password]);
    await secrets.close();
    expect(store.alive).toEqual([]);
  });
});

test("closing the client while a dropped credential is replaced leaves no lease behind", async () => {
  const { secrets, store, clock } = leasingClient(declared);
  await secrets.ready();
  await clock.advance(11_000);
  store.latencyMs = 2_000;
  secrets.invalidate("db", { drop: true });
  await clock.advance(500);
  await secrets.close();
  await clock.advance(5_000);
  expect(store.alive).toEqual([]);
});

test.each([false, true])("a machine may be suspended during a renewal (monotonic time stops: %s)", async (stops) => {
  const { secrets, store, clock } = leasingClient(declared);
  await secrets.ready();
  store.renewHangs = true;
  await clock.advance(20_500);
  clock.suspend(10 * minute, { monotonicStops: stops });
  store.renewHangs = false;
  await clock.advance(40_000);
  for (let second = 0; second < 180; second += 1) {
    await clock.advance(1_000);
    expect(store.alive).toContain(secrets.latest("db").reveal().password);
  }
  expect(store.issued).toHaveLength(2);
  await secrets.close();
});

test("a credential that was revoked because nobody read it is not served while the store is down", async () => {
  const { secrets, store, clock } = leasingClient(declareSecrets({}));
  store.termMs = 60 * minute;
  await secrets.getSecret("creds/app", pair);
  await clock.advance(3 * 60 * minute);
  expect(store.alive).toEqual([]);
  store.issueError = new SecretError("UNAVAILABLE", "down");
  const read = settledOf(secrets.getSecret("creds/app", pair));
  await clock.advance(20_000);
  expect(read.now).toMatchObject({ state: "rejected", error: { code: "UNAVAILABLE" } });
  await secrets.close();
});

test("a credential whose required role disappears is served until its lease ends, and the role can return", async () => {
  const { secrets, store, clock } = leasingClient(declared);
  store.renewable = false;
  await secrets.ready();
  store.isGone = true;
  await clock.advance(45_000);
  expect(secrets.latest("db").reveal().password).toBe("password-1");
  await clock.advance(20_000);
  expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ reason: "expired" }));
  store.isGone = false;
  await clock.advance(2 * minute);
  expect(store.alive).toContain(secrets.latest("db").reveal().password);
  await secrets.close();
  expect(store.alive).toEqual([]);
});
