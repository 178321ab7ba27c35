import type { Provider, Subscription } from "@tacit/core/provider";
import { describe, expect, test } from "vitest";
import { makeCertificate } from "../../test/http-fixture.ts";
import { VaultDouble } from "../../test/vault/api-double.ts";
import { forever, loginPath, openFixture, read, type VaultFixture } from "../../test/vault/fixture.ts";

const minute = 60_000;

async function listen(fixture: VaultFixture, ...paths: readonly string[]) {
  const hints: (string | undefined)[] = [];
  const provider = await fixture.open({ events: true, engine: "kv-v2", mounts: { old: { engine: "kv-v1" } } });
  const subscription = await subscribe(provider, paths, (path) => void hints.push(path));
  return { provider, hints, subscription };
}

async function subscribe(
  provider: Provider,
  paths: readonly string[],
  hint: (path?: string) => void,
): Promise<Subscription> {
  const subscription = await provider.subscribe?.(paths, hint, forever);
  if (subscription === undefined) throw new Error("does not subscribe");
  return subscription;
}

async function connected({ double }: VaultFixture, { state }: { readonly state: () => string }): Promise<void> {
  await double.until(() => double.events.streams.size > 0);
  await until(() => state() === "push");
}

/** Waits for the effects of a response, without advancing the clock. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !holds(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(holds()).toBe(true);
}

describe("the stream of events", () => {
  test("hints at a written secret, with the token of the session, over one connection", async () => {
    await using fixture = await openFixture();
    const { events, tokens } = fixture.double;
    const { provider, hints, subscription } = await listen(fixture, "db", "old/app");
    const others: (string | undefined)[] = [];
    await using _ = await subscribe(provider, ["other"], (path) => void others.push(path));
    await connected(fixture, { state: () => subscription.state?.mode ?? "push" });
    expect([events.requests.length, events.requests[0]?.["x-vault-token"]]).toEqual([1, tokens.made[0]]);
    hints.length = 0;
    others.length = 0;
    events.tell("secret/metadata/other", "secret/data/other");
    events.tell("secret/data/nobody", "secret/data/nobody");
    events.tell("old/app");
    events.tell("secret/data/db", "secret/data/db");
    await until(() => hints.length === 2);
    expect([hints, others]).toEqual([["old/app", "db"], ["other"]]);
    await subscription[Symbol.asyncDispose]();
    expect(events.streams.size).toBe(1);
    await provider.close?.();
    await until(() => events.streams.size === 0);
  });

  test("uses TLS with the authorities of all other requests", async () => {
    await using fixture = await openFixture();
    const certificate = await makeCertificate();
    const double = new VaultDouble(fixture.clock, certificate);
    await double.listen();
    double.agentToken = double.tokens.create();
    const tls = { ca: { $file: fixture.file("ca.pem", certificate.cert) } };
    const url = `https://127.0.0.1:${double.port}`;
    const provider = await fixture.open({ url, tls, events: true, auth: { method: "none" } });
    const subscription = await subscribe(provider, ["db"], () => undefined);
    await double.until(() => double.events.streams.size === 1);
    await subscription[Symbol.asyncDispose]();
    await double.close();
  });

  test("is not opened by default", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    expect([provider.supports.subscribe, provider.subscribe]).toEqual([false, undefined]);
  });

  test("is opened again after a lost connection, and then hints at all paths", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    const { hints, subscription } = await listen(fixture, "db");
    const state = (): string => subscription.state?.mode ?? "push";
    await connected(fixture, { state });
    expect(hints).toEqual([undefined]);
    double.events.sever();
    await until(() => state() === "poll");
    expect(subscription.state).toEqual({ mode: "poll", code: "events-disconnected" });
    await until(() => clock.armed > 0);
    await clock.advance(2000);
    await connected(fixture, { state });
    expect(hints).toEqual([undefined, undefined]);
    await subscription[Symbol.asyncDispose]();
  });

  test("logs in again if its token is invalid, but not after a denial", async () => {
    await using fixture = await openFixture();
    const { double } = fixture;
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    double.events.verdict = (token) => (double.tokens.isAlive(token) ? "open" : 403);
    const { provider, subscription } = await listen(fixture, "db");
    const state = (): string => subscription.state?.mode ?? "push";
    await connected(fixture, { state });
    double.tokens.revokeAll();
    double.events.sever();
    await until(() => state() === "poll");
    await fixture.clock.advance(2000);
    await connected(fixture, { state });
    expect(double.count(loginPath)).toBe(2);
    expect((await read(provider, "db")).status).toBe("ok");
    await subscription[Symbol.asyncDispose]();
  });

  test.each([
    [403, "events-denied", ["events-denied"]],
    [404, "events-unsupported", ["events-unsupported"]],
    [503, "events-disconnected", []],
  ] as const)("that is answered with %i is replaced by polling, with a reason", async (status, code, warned) => {
    await using fixture = await openFixture();
    const { double } = fixture;
    double.events.verdict = () => status;
    const { subscription } = await listen(fixture, "db");
    await double.until(() => double.events.requests.length === 1);
    await until(() => subscription.state?.code === code && fixture.clock.armed > 1);
    expect(fixture.host.warnings.map((warning) => warning.code)).toEqual(warned);
    // A store without a stream does not receive repeated requests.
    await fixture.clock.advance(minute);
    if (status !== 503) expect(double.events.requests.length).toBe(1);
    await subscription[Symbol.asyncDispose]();
  });

  test.each(["", "s3cret-fixture", "[]", "{}", '{"data":{"event":{"metadata":{"path":7}}}}'])(
    "ignores the message %j",
    async (text) => {
      await using fixture = await openFixture();
      const { hints, subscription } = await listen(fixture, "db");
      await connected(fixture, { state: () => subscription.state?.mode ?? "push" });
      fixture.double.events.send(text);
      fixture.double.events.tell("secret/data/db", "secret/data/db");
      await until(() => hints.length === 2);
      expect(hints).toEqual([undefined, "db"]);
      await subscription[Symbol.asyncDispose]();
    },
  );
});
