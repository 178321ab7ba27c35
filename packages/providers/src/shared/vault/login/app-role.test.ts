import { describe, expect, test } from "vitest";
import { openLoginFixture } from "../../../../test/vault/login-fixture.ts";

const roleId = { $secret: "role-id" };
const secretId = { $secret: "secret-id" };
const creationPath = "auth/approle/role/app/secret-id";

async function openAppRole() {
  const fixture = await openLoginFixture();
  fixture.credentials.set("role-id", "s3cret-fixture-role-id\n");
  const wrap = (token: string, id: string, uses: number, path = creationPath): void => {
    fixture.vault.secretIds.set(id, uses);
    fixture.vault.wrapped.set(token, { creationPath: path, data: { secret_id: id, secret_id_num_uses: uses } });
    fixture.credentials.set("secret-id", token);
  };
  return Object.assign(fixture, { wrap });
}

describe("a login with AppRole", () => {
  test("sends both ids, which it reads each time, and registers them with the redactor", async () => {
    await using fixture = await openAppRole();
    const login = fixture.create({ method: "approle", mount: "team/approle", roleId, secretId });
    for (const id of ["s3cret-fixture-a", "s3cret-fixture-b"]) {
      fixture.vault.secretIds.set(id, 1);
      fixture.credentials.set("secret-id", id);
      expect(await fixture.run(login)).toMatchObject({ clientToken: expect.any(String), durationMs: 3_600_000 });
    }
    expect(fixture.vault.requests.map(({ path }) => path)).toEqual(Array(2).fill("auth/team/approle/login"));
    expect(fixture.host.protected.map(({ value }) => value)).toContain("s3cret-fixture-b");
  });

  test("reports a secret id as spent if it has logged in before", async () => {
    await using fixture = await openAppRole();
    const login = fixture.create({ method: "approle", roleId, secretId });
    fixture.vault.secretIds.set("s3cret-fixture-once", 1);
    fixture.credentials.set("secret-id", "s3cret-fixture-once");
    await fixture.run(login);
    const spent = { code: "UNAUTHENTICATED", reason: "secret-id-spent" };
    await expect(fixture.run(login)).rejects.toMatchObject(spent);
    await expect(fixture.run(login)).rejects.toMatchObject(spent);
    fixture.credentials.set("secret-id", "s3cret-fixture-unknown");
    await expect(fixture.run(login)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
  });

  test("works without a secret id if the role requires none", async () => {
    await using fixture = await openAppRole();
    fixture.vault.secretIds.set("undefined", 1);
    await fixture.run(fixture.create({ method: "approle", roleId }));
    expect(fixture.vault.requests[0]?.body).toEqual({ role_id: "s3cret-fixture-role-id" });
  });
});

describe("a wrapped secret id", () => {
  test("is unwrapped once, and used for further logins as long as it is valid", async () => {
    await using fixture = await openAppRole();
    const login = fixture.create({ method: "approle", roleId, secretId, creationPath });
    fixture.wrap("s3cret-fixture-wrapping", "s3cret-fixture-id", 2);
    await fixture.run(login);
    await fixture.run(login);
    await expect(fixture.run(login)).rejects.toMatchObject({
      reason: "secret-id-spent",
      tip: expect.stringContaining("wrapping token"),
    });
    expect(fixture.vault.requests.filter(({ path }) => path === "sys/wrapping/unwrap")).toHaveLength(1);
    fixture.wrap("s3cret-fixture-wrapping-2", "s3cret-fixture-id-2", 1);
    await fixture.run(login);
  });

  test("is kept if the login after unwrapping fails", async () => {
    await using fixture = await openAppRole();
    const login = fixture.create({ method: "approle", roleId, secretId, creationPath });
    fixture.wrap("s3cret-fixture-wrapping", "s3cret-fixture-id", 1);
    const { secretIds } = fixture.vault;
    secretIds.set("s3cret-fixture-id", 0);
    fixture.vault.override = ({ path }) => (path.startsWith("auth/") ? { status: 500 } : undefined);
    await expect(fixture.run(login)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    fixture.vault.override = () => undefined;
    secretIds.set("s3cret-fixture-id", 1);
    await fixture.run(login);
  });

  test("that someone else has unwrapped has a reason of its own", async () => {
    await using fixture = await openAppRole();
    const login = fixture.create({ method: "approle", roleId, secretId, creationPath });
    fixture.wrap("s3cret-fixture-wrapping", "s3cret-fixture-id", 1);
    fixture.vault.wrapped.clear();
    await expect(fixture.run(login)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "wrapping-token-spent" });
    expect(fixture.vault.attempts).toBe(0);
  });

  test.each([
    "secret/auth/approle/role/app/secret-id",
    "auth/approle/role/app2/secret-id",
    "auth/other/role/app/secret-id",
    "sys/wrapping/wrap",
    "",
  ])("created by the path %j is not used", async (path) => {
    await using fixture = await openAppRole();
    fixture.wrap("s3cret-fixture-wrapping", "s3cret-fixture-id", 1, path);
    const login = fixture.create({ method: "approle", roleId, secretId, creationPath });
    await expect(fixture.run(login)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "wrapping-path" });
    expect(fixture.vault.requests.map(({ path: asked }) => asked)).toEqual(["sys/wrapping/lookup"]);
  });

  test("whose response is lost is reported as used by this process, not as stolen", async () => {
    await using fixture = await openAppRole();
    const login = fixture.create({ method: "approle", roleId, secretId, creationPath });
    fixture.wrap("s3cret-fixture-wrapping", "s3cret-fixture-id", 1);
    fixture.vault.loses = ({ path }) => path === "sys/wrapping/unwrap";
    await expect(fixture.run(login)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    fixture.vault.loses = () => false;
    await expect(fixture.run(login)).rejects.toMatchObject({ reason: "wrapping-token-used" });
  });

  test("in a response of another kind is refused", async () => {
    await using fixture = await openAppRole();
    fixture.vault.wrapped.set("s3cret-fixture-wrapping", { creationPath, data: { value: "s3cret-fixture" } });
    fixture.credentials.set("secret-id", "s3cret-fixture-wrapping");
    const login = fixture.create({ method: "approle", roleId, secretId, creationPath });
    await expect(fixture.run(login)).rejects.toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });
});
