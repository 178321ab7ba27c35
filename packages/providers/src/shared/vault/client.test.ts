import { createSecrets, declareSecrets, object } from "@tacit/core";
import { leakCheck } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { turns } from "../../../test/turns.ts";
import { openFixture, type VaultFixture } from "../../../test/vault/fixture.ts";

const poll = 60_000;

/** Creates a client that declares one pair as `db`, with a manual clock. */
function openClient(fixture: VaultFixture, options: object = {}, config: { readonly onDenied?: "throw" } = {}) {
  const secrets = createSecrets({
    declare: declareSecrets({ db: { ref: "db/primary", as: object(["password"]), mask: "never" } }),
    adapters: { vault: fixture.adapter },
    config: {
      providers: { vault: { use: "vault", pollInterval: "1m", prefix: "prod/app", ...fixture.options, ...options } },
      routes: [{ match: "**", to: ["vault"] }],
      ...config,
    },
    clock: fixture.clock,
    random: fixture.host.random,
  });
  const heard: string[] = [];
  const watch = secrets.watch("db");
  watch.on("change", ({ reason, current }) => void heard.push(`${reason} ${current.reveal().password}`));
  watch.on("delete", () => void heard.push("deleted"));
  /** Advances the clock second by second until a condition holds. */
  const passes = async (holds: () => boolean): Promise<void> => {
    for (let second = 0; second < 300 && !holds(); second += 1) {
      await fixture.clock.advance(1000);
      await turns(200, holds);
    }
    expect(holds()).toBe(true);
  };
  const hears = (what: string): Promise<void> => passes(() => heard.includes(what));
  return { secrets, watch, heard, hears, passes, [Symbol.asyncDispose]: () => secrets.close() };
}

test("a rotation, a deletion and a restoration each cause one event", async () => {
  await using fixture = await openFixture();
  const put = (password: string): void => fixture.kv2.put("prod/app/db/primary", { password });
  put("s3cret-fixture-1");
  await using client = openClient(fixture);
  const { secrets, hears, heard } = client;
  await secrets.ready();
  expect(secrets.latest("db").reveal().password).toBe("s3cret-fixture-1");
  put("s3cret-fixture-2");
  await hears("rotated s3cret-fixture-2");
  // A new version with the same content causes no event.
  put("s3cret-fixture-2");
  await fixture.clock.advance(poll);
  fixture.kv2.delete("prod/app/db/primary");
  await hears("deleted");
  expect(secrets.latest("db").reveal().password).toBe("s3cret-fixture-2");
  put("s3cret-fixture-2");
  await hears("recreated s3cret-fixture-2");
  expect(heard).toHaveLength(3);
});

test("values stay while Vault is sealed, and are read again when it is unsealed", async () => {
  await using fixture = await openFixture();
  const { double, kv2, clock } = fixture;
  kv2.put("prod/app/db/primary", { password: "s3cret-fixture-1" });
  await using client = openClient(fixture);
  const { secrets, hears } = client;
  await secrets.ready();
  double.state = "sealed";
  const asked = double.requests.length;
  await clock.advance(poll);
  await double.until(() => double.requests.length > asked);
  await turns(10_000, () => secrets.health().status === "degraded");
  expect(secrets.health()).toMatchObject({ status: "degraded" });
  expect(secrets.latest("db").reveal().password).toBe("s3cret-fixture-1");
  double.state = "active";
  kv2.put("prod/app/db/primary", { password: "s3cret-fixture-2" });
  await hears("rotated s3cret-fixture-2");
});

test.each([400, 403, 404, 405, 412, 413])(
  "%i of a guard before Vault withdraws nothing, also where a denial would, and the right to metadata is asked for again",
  async (status) => {
    await using fixture = await openFixture();
    const { double, kv2 } = fixture;
    const [data, metadata] = ["data", "metadata"].map((kind) => `secret/${kind}/prod/app/db/primary`) as [
      string,
      string,
    ];
    kv2.put("prod/app/db/primary", { password: "s3cret-fixture-1" });
    await using client = openClient(fixture, {}, { onDenied: "throw" });
    const { secrets, hears, passes } = client;
    await secrets.ready();
    double.override = () => ({ status, body: "<html>blocked</html>", headers: { "content-type": "text/html" } });
    await passes(() => secrets.health().status === "degraded");
    expect(secrets.health().secrets[0]).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    expect(secrets.latest("db").reveal().password).toBe("s3cret-fixture-1");
    double.override = () => undefined;
    kv2.put("prod/app/db/primary", { password: "s3cret-fixture-2" });
    await hears("rotated s3cret-fixture-2");
    const [reads, polls] = [double.count(data), double.count(metadata)];
    await passes(() => double.count(metadata) > polls);
    expect(double.count(data)).toBe(reads);
  },
);

test("the client waits for an Agent that logs in later, and keeps its values if the Agent loses its login", async () => {
  await using fixture = await openFixture();
  const { double, kv2 } = fixture;
  kv2.put("prod/app/db/primary", { password: "s3cret-fixture-1" });
  await using client = openClient(fixture, { auth: { method: "none" } }, { onDenied: "throw" });
  const { secrets, passes } = client;
  let isReady = false;
  const ready = secrets.ready().then(() => {
    isReady = true;
  });
  await double.until(() => double.count("auth/token/lookup-self") === 1);
  double.agentToken = double.tokens.create();
  await passes(() => isReady);
  await ready;
  double.tokens.revokeAll();
  await passes(() => secrets.health().status === "degraded");
  expect(secrets.health().secrets[0]).toMatchObject({ code: "UNAUTHENTICATED", reason: "agent-not-logged-in" });
  expect(secrets.latest("db").reveal().password).toBe("s3cret-fixture-1");
});

test("the output of the client contains no token, password or value", async () => {
  await using fixture = await openFixture();
  fixture.kv2.put("prod/app/db/primary", { password: "s3cret-fixture-1" });
  const client = openClient(fixture);
  const { secrets } = client;
  await secrets.ready();
  const findings = await secrets.diagnose();
  const errors: unknown[] = [];
  fixture.double.tokens.revokeAll();
  fixture.double.refusesLogins = true;
  errors.push(await secrets.getSecret("db", { freshness: "fresh" }).catch((error: unknown) => error));
  fixture.double.refusesLogins = false;
  await secrets.close();
  const { assertNoLeak } = leakCheck(["s3cret-fixture-password", "s3cret-fixture-1", ...fixture.double.tokens.made]);
  assertNoLeak(JSON.stringify(findings), errors, JSON.stringify(secrets.health()));
});

test("any credential written as text in the document is refused", async () => {
  await using fixture = await openFixture();
  for (const [options, path] of [
    [{ auth: { method: "token", token: "s3cret-fixture" } }, "auth.token"],
    [{ auth: { method: "userpass", username: "app", password: "s3cret-fixture" } }, "auth.password"],
    [{ tls: { certificate: { $file: "/c" }, key: "s3cret-fixture" } }, "tls.key"],
  ] as const) {
    const { secrets } = openClient(fixture, options);
    const error = (await secrets.ready().catch((thrown: unknown) => thrown)) as Error & { readonly errors?: unknown };
    const told = `${error.message}${JSON.stringify(error)}${JSON.stringify(error.errors)}`;
    expect(told).toContain("literal-credential");
    expect(told).toContain(path);
    expect(told).not.toContain("s3cret-fixture");
    await secrets.close();
  }
});
