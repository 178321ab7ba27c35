import type { CallContext } from "@tacit/core/provider";
import { expect, test } from "vitest";
import { turns } from "../../../../test/turns.ts";
import { loginPath, openFixture, read, rejection, type VaultFixture } from "../../../../test/vault/fixture.ts";
import type { VaultApi } from "../api.ts";
import { createVaultApi } from "../api.ts";
import { createLogin } from "./create-login.ts";
import { loginOptions } from "./options.ts";
import type { Session } from "./session.ts";
import { createTokenSession } from "./token-session.ts";

const [second, minute] = [1000, 60_000];
const renewal = "auth/token/renew-self";
const forever: CallContext = { signal: new AbortController().signal };

interface SlowFixture extends AsyncDisposable {
  readonly fixture: VaultFixture;
  readonly session: Session;
  /** Reads an existing secret. */
  get(): ReturnType<Session["call"]>;
  /** Releases the responses to renewals. */
  letThrough(): void;
}

/** Creates a session whose connection holds back the responses to renewals. */
async function openSlow(): Promise<SlowFixture> {
  const fixture = await openFixture();
  const { double, host, kv2, options } = fixture;
  kv2.put("db", { password: "s3cret-fixture" });
  const fast = createVaultApi({ url: `http://127.0.0.1:${double.port}`, redirects: [] }, host);
  const gate = Promise.withResolvers<void>();
  const api: VaultApi = {
    async call(request, context) {
      const answer = await fast.call(request, context);
      if (request.path === renewal) await gate.promise;
      return answer;
    },
    serverNow: () => fast.serverNow(),
    close: () => fast.close(),
  };
  const login = createLogin(loginOptions.parse(options.auth), {});
  if (login === undefined) throw new Error("no login");
  const session = createTokenSession({ api, login, host });
  return {
    fixture,
    session,
    get: () => session.call({ path: "secret/data/db" }, forever),
    letThrough: gate.resolve,
    async [Symbol.asyncDispose]() {
      await session.close(forever);
      await fast.close();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

test("a renewal that is refused after a new login causes no further login", async () => {
  await using slow = await openSlow();
  const { double, clock } = slow.fixture;
  slow.fixture.grant = { ttlMs: 10 * minute };
  await slow.get();
  double.tokens.revokeAll();
  await clock.advance(6 * minute);
  await double.until(() => double.count(renewal) === 1);
  await slow.get();
  slow.letThrough();
  await turns();
  await slow.get();
  expect(double.count(loginPath)).toBe(2);
});

test("a token is renewed in time although the renewal of the former one is still in progress", async () => {
  await using slow = await openSlow();
  const { double, clock } = slow.fixture;
  slow.fixture.grant = { ttlMs: 10 * second };
  await slow.get();
  double.tokens.revokeAll();
  await clock.advance(6 * second);
  await double.until(() => double.count(renewal) === 1);
  await slow.get();
  await clock.advance(6 * second);
  await double.until(() => double.count(renewal) === 2);
  expect(double.requests.at(-1)?.token).toBe(double.tokens.made[1]);
  slow.letThrough();
});

test("an expired token reports its end to its leases, renewable or not", async () => {
  await using slow = await openSlow();
  slow.fixture.grant = { ttlMs: 10 * minute };
  const answer = await slow.get();
  expect(slow.session.tokenOf(answer)?.endsInMs()).toBeUndefined();
  slow.fixture.clock.suspend(60 * minute);
  expect(slow.session.tokenOf(answer)?.endsInMs()).toBe(0);
});

test("tokens that may not look themselves up do not accumulate, and all are revoked at the end", async () => {
  await using fixture = await openFixture();
  const { double, clock } = fixture;
  const provider = await fixture.open({ engine: "kv-v2" });
  double.allows = ({ path }) => path === "auth/token/revoke-self";
  for (let round = 0; round < 5; round += 1) {
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "PERMISSION_DENIED" });
    await double.until(() => double.tokens.alive.length === 1);
    await clock.advance(minute);
  }
  await provider.close?.();
  expect(double.tokens.alive).toEqual([]);
});
