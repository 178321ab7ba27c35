import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { Finding, Provider } from "@tacit/core/provider";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { forever, openFixture, read } from "../../test/vault/fixture.ts";

async function findingsOf(provider: Provider): Promise<readonly Finding[]> {
  return (await provider.diagnose?.(forever)) ?? [];
}

async function codesOf(provider: Provider): Promise<readonly string[]> {
  return (await findingsOf(provider)).map(({ level, code }) => `${level} ${code}`);
}

const account = "/var/run/secrets/kubernetes.io/serviceaccount/";

/** Simulates a mounted service account token until the test ends. */
function mountAccount(): void {
  const { existsSync } = fs;
  const spy = vi.spyOn(fs, "existsSync");
  spy.mockImplementation((file) => String(file).startsWith(account) || existsSync(file));
  syncBuiltinESMExports();
  onTestFinished(() => {
    spy.mockRestore();
    syncBuiltinESMExports();
  });
}

describe("diagnose", () => {
  test("has no findings for a correct setup, and reveals no secret", async () => {
    await using fixture = await openFixture();
    fixture.double.capabilities = (path) => (path === "secret/data/db" ? ["read"] : ["deny"]);
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open();
    await read(provider, "db");
    fixture.double.now = () => fixture.clock.now();
    expect(await findingsOf(provider)).toEqual([]);
    expect(fixture.double.count("secret/data/db")).toBe(1);
  });

  test.each([
    ["sealed", "sealed"],
    ["uninitialized", "not been initialised"],
    ["dr-secondary", "disaster-recovery"],
    ["removed", "removed from the cluster"],
  ] as const)("reports that the node is %s, and sends no further requests", async (state, words) => {
    await using fixture = await openFixture();
    fixture.double.state = state;
    const findings = await findingsOf(await fixture.open());
    expect(findings).toMatchObject([{ level: "error", code: "vault", message: expect.stringContaining(words) }]);
    expect(fixture.double.requests).toHaveLength(1);
  });

  test.each(["standby", "performance-standby"] as const)("reports that the node is a %s", async (state) => {
    await using fixture = await openFixture();
    fixture.double.state = state;
    fixture.double.capabilities = () => ["deny"];
    fixture.double.now = () => fixture.clock.now();
    expect(await codesOf(await fixture.open())).toEqual(["info standby"]);
  });

  test.each([
    [{ method: "kubernetes", role: "app" }, false],
    [{ method: "jwt", jwt: { $file: `${account}token` } }, false],
    [{ method: "jwt", jwt: { $file: "/var/run/secrets/tokens/vault" } }, true],
    [{ method: "none" }, true],
  ])("reports a mounted service account token as unused by the login %j: %s", async (auth, isUnused) => {
    mountAccount();
    await using fixture = await openFixture();
    // The finding needs no login.
    fixture.double.state = "sealed";
    const codes = await codesOf(await fixture.open({ auth }));
    expect(codes.includes("warning service-account-token")).toBe(isUnused);
  });

  test("reports that nothing listens at the address", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ url: "http://127.0.0.1:1" });
    expect(await codesOf(provider)).toEqual(["error vault"]);
  });

  test.each([
    [{ policies: ["root"], ttlMs: 0 }, "error token-root"],
    [{ ttlMs: 0 }, "warning token-endless"],
    [{ ttlMs: 200_000, renewable: false }, "warning token-ending"],
  ])("reports a token with %j", async (grant, code) => {
    await using fixture = await openFixture();
    fixture.grant = grant;
    fixture.double.capabilities = () => ["deny"];
    fixture.double.now = () => fixture.clock.now();
    expect(await codesOf(await fixture.open())).toEqual([code]);
  });

  test.each([
    [6000, "ahead of"],
    [-6000, "behind"],
  ])("reports a clock that is %i ms off", async (skewMs, words) => {
    await using fixture = await openFixture();
    fixture.double.capabilities = () => ["deny"];
    fixture.double.now = () => fixture.clock.now() - skewMs;
    const [finding] = await findingsOf(await fixture.open());
    expect(finding).toMatchObject({
      level: "warning",
      code: "clock-skew",
      message: expect.stringContaining(`6 s ${words}`),
    });
  });

  test.each([
    [
      "a right that is missing",
      (path: string) => (path === "secret/data/db" ? ["deny"] : []),
      ["error policy-missing"],
    ],
    [
      "a right to write",
      (path: string) => (path === "secret/data/db" ? ["read", "update"] : ["deny"]),
      ["warning policy-needless"],
    ],
    [
      "a rule for the whole mount",
      (path: string) => (path.startsWith("secret/") ? ["read"] : ["deny"]),
      ["warning policy-whole-mount"],
    ],
    ["a rule for *", () => ["read"], ["warning policy-everything", "warning policy-whole-mount"]],
    [
      "a rule with sudo",
      () => ["sudo", "read"],
      ["warning policy-needless", "warning policy-everything", "warning policy-whole-mount"],
    ],
    ["root", () => ["root"], ["warning policy-needless", "warning policy-everything", "warning policy-whole-mount"]],
  ])("reports %s", async (_title, capabilities, codes) => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    fixture.double.capabilities = capabilities;
    fixture.double.now = () => fixture.clock.now();
    const provider = await fixture.open();
    await read(provider, "db");
    expect(await codesOf(provider)).toEqual(codes);
    expect(fixture.double.count("sys/capabilities-self")).toBe(1);
  });

  test("has no findings about permissions if the token may not query them, or if a listener adds the token", async () => {
    await using fixture = await openFixture();
    fixture.double.now = () => fixture.clock.now();
    fixture.double.allows = ({ path }) => path !== "sys/capabilities-self";
    expect(await codesOf(await fixture.open())).toEqual([]);
    fixture.double.agentToken = fixture.double.tokens.create();
    const behind = await fixture.open({ auth: { method: "none" } });
    expect(await codesOf(behind)).toEqual([]);
  });

  test("reports a token that may not look itself up, and checks its permissions", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    fixture.double.now = () => fixture.clock.now();
    fixture.double.allows = ({ path }) => path !== "auth/token/lookup-self";
    fixture.double.capabilities = (path) => (path === "secret/data/db" ? ["read", "update"] : ["deny"]);
    const provider = await fixture.open();
    await read(provider, "db");
    expect(await codesOf(provider)).toEqual(["warning token-cannot-look-up", "warning policy-needless"]);
  });

  test("reports a refused login", async () => {
    await using fixture = await openFixture();
    fixture.double.refusesLogins = true;
    fixture.double.now = () => fixture.clock.now();
    expect(await findingsOf(await fixture.open())).toMatchObject([
      { level: "error", code: "vault", message: expect.stringMatching(/login at auth\/userpass was refused/) },
    ]);
  });
});
