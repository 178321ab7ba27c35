import { describe, expect, test } from "vitest";
import { openLoginFixture } from "../../../../test/vault/login-fixture.ts";

const options = { method: "userpass", username: "app", password: { $secret: "password" } };

async function openPassword() {
  const fixture = await openLoginFixture();
  fixture.credentials.set("password", "s3cret-fixture");
  fixture.vault.passwords.set("app", "s3cret-fixture");
  return fixture;
}

describe("a login that Vault does not grant", () => {
  test.each([
    [400, "UNAUTHENTICATED", true],
    [401, "UNAUTHENTICATED", true],
    [403, "UNAUTHENTICATED", true],
    [405, "UNAUTHENTICATED", true],
    [429, "THROTTLED", true],
    [472, "UNAVAILABLE", true],
    [473, "UNAVAILABLE", true],
    [500, "UNAVAILABLE", true],
    [502, "UNAVAILABLE", true],
    [503, "UNAVAILABLE", true],
  ])("with %i is %s", async (status, code, retryable) => {
    await using fixture = await openPassword();
    fixture.vault.override = () => ({ status, body: { errors: ["s3cret-fixture-of-a-message"] } });
    await expect(fixture.run(fixture.create(options))).rejects.toMatchObject({ code, retryable });
  });

  test("because the path is not a login recommends to check namespace and mount", async () => {
    await using fixture = await openPassword();
    fixture.vault.override = () => ({ status: 400, body: { errors: ["missing client token"] } });
    const tip = expect.stringMatching(/^Check `auth.mount`.*`namespace`/);
    await expect(fixture.run(fixture.create(options))).rejects.toMatchObject({ code: "UNAUTHENTICATED", tip });
  });

  test("because it requires a second factor is UNSUPPORTED, and sent once", async () => {
    await using fixture = await openPassword();
    const mfa_requirement = {
      mfa_request_id: "s3cret-fixture",
      mfa_constraints: { totp: { any: [{ type: "totp" }] } },
    };
    fixture.vault.override = () => ({ body: { auth: { client_token: "", mfa_requirement } } });
    const refused = { code: "UNSUPPORTED", reason: "mfa-required", retryable: false };
    await expect(fixture.run(fixture.create(options))).rejects.toMatchObject(refused);
    expect(fixture.vault.attempts).toBe(1);
  });

  test.each([{ auth: {} }, { auth: { client_token: "" } }, { auth: { client_token: 7 } }, { data: {} }])(
    "but answers with %j is a malformed response",
    async (body) => {
      await using fixture = await openPassword();
      fixture.vault.override = () => ({ body });
      const malformed = { code: "INTERNAL", reason: "malformed-answer" };
      await expect(fixture.run(fixture.create(options))).rejects.toMatchObject(malformed);
    },
  );

  test("ends with the reason of an abort", async () => {
    await using fixture = await openPassword();
    const reason = new Error("enough");
    fixture.vault.loses = () => {
      fixture.http.controller.abort(reason);
      return true;
    };
    await expect(fixture.run(fixture.create(options))).rejects.toBe(reason);
  });
});
