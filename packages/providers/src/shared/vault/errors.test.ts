import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { forever, loginPath, openFixture, read, rejection } from "../../../test/vault/fixture.ts";

const marker = "s3cret-fixture-of-an-error";

describe("a response", () => {
  test.each([
    [400, [marker], "INTERNAL", "bad-request", false],
    [400, [`Upgrading from non-versioned to versioned data. ${marker}`], "UNAVAILABLE", "upgrading", true],
    [
      400,
      [`Waiting for the primary to upgrade from non-versioned to versioned data. ${marker}`],
      "UNAVAILABLE",
      "upgrading",
      true,
    ],
    [401, [marker], "UNAUTHENTICATED", undefined, true],
    [404, [marker], "INVALID_CONFIG", "no-mount", false],
    [405, [marker], "INVALID_CONFIG", "unsupported-operation", false],
    [408, [marker], "UNAVAILABLE", "server-error", true],
    [413, [marker], "INTERNAL", "request-too-large", false],
    [429, [marker], "THROTTLED", undefined, true],
    [472, [marker], "UNAVAILABLE", "dr-secondary", true],
    [473, [marker], "UNAVAILABLE", "standby", true],
    [474, [marker], "UNAVAILABLE", "standby", true],
    [412, [`missing 'X-Vault-Request' header ${marker}`], "INVALID_CONFIG", "request-header", false],
    [500, [marker], "UNAVAILABLE", "server-error", true],
    [501, [marker], "UNAVAILABLE", "not-initialized", true],
    [502, [marker], "UNAVAILABLE", "upstream", true],
    [503, [marker], "UNAVAILABLE", "server-error", true],
    [503, [`Vault is sealed ${marker}`], "UNAVAILABLE", "sealed", true],
    [530, [marker], "UNAVAILABLE", "removed-node", true],
    [418, [marker], "INTERNAL", "unexpected-status", true],
  ])("%i with %j is %s", async (status, errors, code, reason, retryable) => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ engine: "kv-v2" });
    await read(provider, "db");
    fixture.double.override = () => ({ status, body: { errors }, headers: { "retry-after": "7" } });
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject({ code, retryable, retryAfterMs: 7000, cause: { status } });
    expect((error as { reason?: string }).reason).toBe(reason);
    expect(`${inspect(error, { depth: 10, showHidden: true })}${JSON.stringify(error)}`).not.toContain(
      "s3cret-fixture",
    );
  });

  test.each([
    ["a login page", 200, "<html>s3cret-fixture</html>"],
    ["a page for a missing one", 404, "<html>s3cret-fixture</html>"],
    ["half of its JSON", 200, '{"data":{"data":{"password":"s3cret-fix'],
    ["JSON of another program, for a missing path", 404, '{"message":"s3cret-fixture"}'],
    ["JSON of another program", 200, '{"status":"s3cret-fixture"}'],
    ["a list", 200, '["s3cret-fixture"]'],
    ["null", 200, "null"],
    ["nothing", 200, ""],
  ])("that is %s is malformed, not a deletion", async (_title, status, body) => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ engine: "kv-v2" });
    await read(provider, "db");
    fixture.double.override = () => ({ status, body });
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    expect(`${inspect(error, { depth: 10, showHidden: true })}${JSON.stringify(error)}`).not.toContain("s3cret-fix");
  });

  test("of another program does not show that a token is valid", async () => {
    await using fixture = await openFixture();
    const token = { $file: fixture.file("token", fixture.double.tokens.create()) };
    const provider = await fixture.open({ engine: "kv-v2", auth: { method: "token", token } });
    fixture.double.override = () => ({ status: 200, body: { status: "maintenance" } });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });

  test.each(["kv-v1", "kv-v2"])("withheld by a control group is reported as such, for %s", async (engine) => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ engine, mount: engine === "kv-v1" ? "old" : "secret" });
    await read(provider, "db");
    const wrap_info = {
      token: "s3cret-fixture",
      accessor: "s3cret-fixture",
      ttl: 86_400,
      creation_path: "secret/data/db",
    };
    fixture.double.override = () => ({ body: { request_id: "x", data: null, wrap_info, auth: null } });
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject({ code: "UNSUPPORTED", reason: "answer-wrapped", retryable: false });
    expect(`${inspect(error, { depth: 10, showHidden: true })}${JSON.stringify(error)}`).not.toContain("s3cret-fix");
  });

  test.each([
    ["no data", "{}"],
    ["data that is no object", '{"data":"s3cret-fixture"}'],
    ["data without metadata", '{"data":{"data":{"a":"s3cret-fixture"}}}'],
    ["a version that is no number", '{"data":{"data":{"a":"b"},"metadata":{"version":"s3cret-fixture"}}}'],
    ["no data of its own", '{"data":{"data":null,"metadata":{"version":3}}}'],
    ["half of a surrogate pair", '{"data":{"data":{"a":"\\ud800"},"metadata":{"version":3}}}'],
  ])("with %s is INVALID_VALUE", async (_title, body) => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ engine: "kv-v2" });
    await read(provider, "db");
    fixture.double.override = () => ({ status: 200, body });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INVALID_VALUE" });
  });

  test.each(
    [400, 403, 404, 405, 412, 413].flatMap((status) => [
      [status, "none", "<html>s3cret-fixture</html>"] as const,
      [status, "userpass", "<html>s3cret-fixture</html>"] as const,
      [status, "none", '{"message":"RBAC: access denied s3cret-fixture"}'] as const,
      [status, "none", ""] as const,
    ]),
  )("%i that Vault did not write has not Vault's meaning: with the login %s, %j", async (status, method, body) => {
    await using fixture = await openFixture();
    const auth = method === "none" ? { auth: { method } } : {};
    const provider = await fixture.open({ engine: "kv-v2", ...auth });
    if (method !== "none") await read(provider, "db");
    fixture.double.override = () => ({ status, body });
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject({ code: "INTERNAL", reason: "malformed-answer", retryable: true });
    expect(`${inspect(error, { depth: 10, showHidden: true })}${JSON.stringify(error)}`).not.toContain("s3cret-fix");
  });

  test("of a TLS listener to plain HTTP recommends https", async () => {
    await using fixture = await openFixture();
    const body = "Client sent an HTTP request to an HTTPS server.\n";
    fixture.double.override = () => ({ status: 400, body, headers: { "content-type": "text/plain" } });
    for (const method of ["none", "userpass"]) {
      const provider = await fixture.open(method === "none" ? { auth: { method } } : {});
      const wanted = { reason: "malformed-answer", tip: expect.stringContaining("https") };
      expect(await rejection(read(provider, "db"))).toMatchObject(wanted);
    }
  });

  test.each([
    [500, { errors: ["failed to decrypt"] }, "path"],
    [502, { errors: ["upstream"] }, "path"],
    [500, "<html>bad gateway</html>", undefined],
    [503, { errors: ["Vault is sealed"] }, undefined],
  ])("%i with %j concerns only one path if Vault has written a message", async (status, body, scope) => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ engine: "kv-v2" });
    await read(provider, "db");
    fixture.double.override = () => ({ status, body });
    const error = (await rejection(read(provider, "db"))) as { code: string; scope?: string };
    expect([error.code, error.scope]).toEqual(["UNAVAILABLE", scope]);
  });

  test("403 of a gateway with an HTML page is not a denial and causes no login", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ engine: "kv-v2" });
    await read(provider, "db");
    fixture.double.override = () => ({ status: 403, body: "<html>s3cret-fixture</html>" });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    fixture.double.override = () => undefined;
    expect((await read(provider, "db")).status).toBe("not-found");
    expect(fixture.double.count(loginPath)).toBe(1);
  });

  test("with warnings is accepted", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ mount: "old", engine: "kv-v1" });
    await read(provider, "db");
    fixture.double.override = () => ({ body: { warnings: ["s3cret-fixture"], data: { a: "b" } } });
    expect((await read(provider, "db")).status).toBe("ok");
  });
});

describe("check", () => {
  test.each([
    ["active", undefined],
    ["standby", undefined],
    ["performance-standby", undefined],
    ["dr-secondary", "dr-secondary"],
    ["uninitialized", "not-initialized"],
    ["sealed", "sealed"],
    ["removed", "removed-node"],
  ] as const)("of a node that is %s", async (state, reason) => {
    await using fixture = await openFixture();
    fixture.double.state = state;
    const provider = await fixture.open();
    if (reason === undefined) await provider.check?.(forever);
    else
      expect(await rejection(provider.check?.(forever) ?? Promise.resolve())).toMatchObject({
        code: "UNAVAILABLE",
        reason,
      });
    expect(fixture.double.requests.map(({ token }) => token)).toEqual([undefined]);
  });

  test("reads 429 of sys/health as a standby, not as throttling", async () => {
    await using fixture = await openFixture();
    fixture.double.override = () => ({ status: 429, body: { sealed: false, standby: true } });
    const provider = await fixture.open();
    expect(await rejection(provider.check?.(forever) ?? Promise.resolve())).toMatchObject({ reason: "standby" });
  });
});
