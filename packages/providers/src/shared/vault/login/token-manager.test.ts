import { expect, test } from "vitest";
import { turns } from "../../../../test/turns.ts";
import { forever, loginPath, openFixture } from "../../../../test/vault/fixture.ts";
import type { VaultApi } from "../api.ts";
import { createVaultApi } from "../api.ts";
import { createLogin } from "./create-login.ts";
import { createTokenSession } from "./token-session.ts";

const minute = 60_000;
const [renewal, revocation] = ["auth/token/renew-self", "auth/token/revoke-self"];

/** Creates a session whose connection can hold back the responses to one path. */
async function openSession() {
  const fixture = await openFixture();
  const { double, host } = fixture;
  const direct = createVaultApi({ url: `http://127.0.0.1:${double.port}`, redirects: [] }, host);
  let [slowPath, gate] = ["", Promise.withResolvers<void>()];
  const api: VaultApi = {
    async call(request, options) {
      const answer = await direct.call(request, options);
      if (request.path === slowPath) await gate.promise;
      return answer;
    },
    serverNow: () => direct.serverNow(),
    close: () => direct.close(),
  };
  const password = { $file: fixture.file("password", "s3cret-fixture-password") };
  const login = createLogin({ method: "userpass", mount: "userpass", username: "app", password }, {});
  if (login === undefined) throw new Error("no login");
  const session = createTokenSession({ api, login, host });
  return {
    fixture,
    session,
    get: () => session.call({ path: "secret/data/db", accept: [404] }, forever),
    /** Returns a function that releases the responses. */
    holdBack(path: string): () => void {
      [slowPath, gate] = [path, Promise.withResolvers<void>()];
      return () => {
        slowPath = "";
        gate.resolve();
      };
    },
    async [Symbol.asyncDispose]() {
      gate.resolve();
      await session.close(forever);
      await direct.close();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

test("a renewal that is refused after a new login causes no further login", async () => {
  await using setup = await openSession();
  const { double, clock } = setup.fixture;
  setup.fixture.grant = { ttlMs: 10 * minute };
  await setup.get();
  double.tokens.revokeAll();
  const letGo = setup.holdBack(renewal);
  await clock.advance(6 * minute);
  await double.until(() => double.count(renewal) === 1);
  await setup.get();
  letGo();
  await turns(100);
  expect(double.count(loginPath)).toBe(2);
});

test("the renewal of a new token does not wait for that of the former one", async () => {
  await using setup = await openSession();
  const { double, clock } = setup.fixture;
  setup.fixture.grant = { ttlMs: 10 * minute };
  await setup.get();
  setup.holdBack(renewal);
  await clock.advance(6 * minute);
  await double.until(() => double.count(renewal) === 1);
  double.tokens.revokeAll();
  await setup.get();
  await clock.advance(6 * minute);
  await double.until(() => double.count(renewal) === 2);
  expect(double.requests.at(-1)?.token).toBe(double.tokens.made[1]);
});

test("a token that is replaced during a request is revoked after it", async () => {
  await using setup = await openSession();
  const { double, clock } = setup.fixture;
  setup.fixture.grant = { ttlMs: 10 * minute, renewable: false };
  const letGo = setup.holdBack("secret/data/db");
  const reading = setup.get();
  await double.until(() => double.count("secret/data/db") === 1);
  // Only the held-back response of the request is left.
  await turns(100);
  await clock.advance(6 * minute);
  await double.until(() => double.count(loginPath) === 2);
  await turns(100);
  expect(double.count(revocation)).toBe(0);
  letGo();
  await reading;
  await double.until(() => double.count(revocation) === 1);
  expect(double.tokens.alive).toEqual([double.tokens.made[1]]);
});

test("a replaced token with a lease is kept, and revoked on close", async () => {
  await using setup = await openSession();
  const { double, clock } = setup.fixture;
  setup.fixture.grant = { ttlMs: 10 * minute, renewable: false };
  double.engines.push(({ path }) =>
    path === "database/creds/app"
      ? { body: { lease_id: "database/creds/app/1", lease_duration: 60, data: {} } }
      : undefined,
  );
  const answer = await setup.session.call({ path: "database/creds/app" }, forever);
  expect(setup.session.tokenOf(answer)?.endsInMs()).toBe(10 * minute);
  await clock.advance(6 * minute);
  await double.until(() => double.count(loginPath) === 2);
  await turns(100);
  expect(setup.session.tokenOf(answer)?.endsInMs()).toBe(4 * minute);
  expect(double.count(revocation)).toBe(0);
  await setup.session.close(forever);
  expect(double.tokens.alive).toEqual([]);
});

test("each former token stays registered with the redactor under its own name while it may be valid", async () => {
  await using setup = await openSession();
  const { double, clock, host } = setup.fixture;
  setup.fixture.grant = { ttlMs: 10 * minute, renewable: false };
  double.engines.push(({ path }) =>
    path === "database/creds/app"
      ? { body: { lease_id: "database/creds/app/1", lease_duration: 60, data: {} } }
      : undefined,
  );
  for (let logins = 1; logins <= 3; logins += 1) {
    await setup.session.call({ path: "database/creds/app" }, forever);
    await clock.advance(6 * minute);
    await double.until(() => double.count(loginPath) === logins + 1);
    await turns(100);
  }
  // Like the redactor, keeps the last value of each name.
  const kept = new Set(new Map(host.protected.map(({ name, value }) => [name, value])).values());
  expect(double.tokens.made.slice(0, 3).filter((token) => !kept.has(token))).toEqual([]);
});

test("a token that has expired only by the wall clock is revoked", async () => {
  await using setup = await openSession();
  const { double, clock } = setup.fixture;
  setup.fixture.grant = { ttlMs: 10 * minute };
  await setup.get();
  const [first] = double.tokens.made;
  double.tokens.keepAlive();
  clock.jump(60 * minute);
  await setup.get();
  await double.until(() => double.tokens.revoked.length === 1);
  expect(double.tokens.revoked).toEqual([first]);
  clock.jump(60 * minute);
  await setup.session.close(forever);
  expect(double.tokens.alive).toEqual([]);
});

test("a token without the permission to revoke itself causes a warning on close", async () => {
  await using setup = await openSession();
  const { double, host } = setup.fixture;
  double.allows = ({ path }) => path !== revocation;
  await setup.get();
  await setup.session.close(forever);
  expect(host.warnings).toMatchObject([{ code: "token-not-revoked" }]);
});

test("a replaced token that could not be revoked is revoked on close", async () => {
  await using setup = await openSession();
  const { double, clock, host } = setup.fixture;
  setup.fixture.grant = { ttlMs: 10 * minute, renewable: false };
  await setup.get();
  double.override = ({ path }) => (path === revocation ? { status: 500, body: { errors: [] } } : undefined);
  await clock.advance(6 * minute);
  await double.until(() => double.count(revocation) === 1);
  await turns(100);
  double.override = () => undefined;
  await setup.session.close(forever);
  expect([double.tokens.alive, host.warnings]).toEqual([[], []]);
});

test("a renewable token has no known end until a grant shows its maximum", async () => {
  await using setup = await openSession();
  const { double, clock } = setup.fixture;
  setup.fixture.grant = { ttlMs: 10 * minute, maxTtlMs: 15 * minute };
  const token = setup.session.tokenOf(await setup.get());
  expect(token?.endsInMs()).toBeUndefined();
  await clock.advance(6 * minute);
  await double.until(() => double.count(renewal) === 1);
  await turns(100);
  expect(token?.endsInMs()).toBe(9 * minute);
});

test("a token whose grant shows its maximum is replaced immediately, so that new leases do not end with it", async () => {
  await using setup = await openSession();
  const { double, clock } = setup.fixture;
  setup.fixture.grant = { ttlMs: 10 * minute, maxTtlMs: 15 * minute };
  await setup.get();
  await clock.advance(6 * minute);
  await double.until(() => double.count(loginPath) === 2);
  await turns(100);
  expect(double.count(renewal)).toBe(1);
  const next = setup.session.tokenOf(await setup.get());
  expect(next?.endsInMs()).toBeUndefined();
});
