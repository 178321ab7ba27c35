import { describe, expect, test } from "vitest";
import { openFixture, read, rejection, type VaultFixture } from "../../../../test/vault/fixture.ts";

const lookup = "auth/token/lookup-self";
const notLoggedIn = { code: "UNAUTHENTICATED", reason: "agent-not-logged-in", retryable: true };
const auth = { method: "none" };

function readAll(provider: Parameters<typeof read>[0]): Promise<unknown[]> {
  return Promise.all(Array.from({ length: 100 }, (_, index) => rejection(read(provider, `db-${index}`))));
}

function logIn({ double }: VaultFixture): void {
  double.agentToken = double.tokens.create();
}

describe("an Agent that has not logged in", () => {
  test("is not a denial, causes one lookup for all reads, and is used once it has logged in", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ auth, engine: "kv-v2" });
    for (const error of await readAll(provider)) expect(error).toMatchObject(notLoggedIn);
    expect(fixture.double.count(lookup)).toBe(1);
    logIn(fixture);
    expect((await read(provider, "db")).status).toBe("ok");
  });

  test("is reported before the version of a mount is determined", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ auth });
    expect(await rejection(read(provider, "db"))).toMatchObject(notLoggedIn);
  });

  test("is reported if Vault answers 400, even to an engine with its own refusals", async () => {
    await using fixture = await openFixture();
    const ciphertexts = { stripe: { key: "orders", ciphertext: "vault:v1:AAAA" } };
    const mounts = { transit: { engine: "transit", ciphertexts } };
    const provider = await fixture.open({ auth, engine: "kv-v2", mounts });
    fixture.double.override = () => ({ status: 400, body: { errors: ["missing client token s3cret-fixture"] } });
    for (const path of ["db", "transit/stripe"])
      expect(await rejection(read(provider, path))).toMatchObject({
        ...notLoggedIn,
        message: expect.not.stringContaining("s3cret"),
      });
  });

  test("is not assumed if Vault is unavailable", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ auth, engine: "kv-v2" });
    fixture.double.override = ({ path }) =>
      path === lookup ? { status: 503, body: { errors: ["Vault is sealed"] } } : undefined;
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAVAILABLE", reason: "sealed" });
  });
});

test("a denial of an Agent's token stays a denial, after one lookup for all refused reads", async () => {
  await using fixture = await openFixture();
  logIn(fixture);
  const provider = await fixture.open({ auth, engine: "kv-v2" });
  fixture.double.allows = ({ path }) => !path.startsWith("secret/data/");
  for (const error of await readAll(provider))
    expect(error).toMatchObject({ code: "PERMISSION_DENIED", reason: "policy" });
  expect(fixture.double.count(lookup)).toBe(1);
});

test("an Agent that loses its login does not cause a denial", async () => {
  await using fixture = await openFixture();
  logIn(fixture);
  fixture.kv2.put("db", { password: "s3cret-fixture" });
  const provider = await fixture.open({ auth, engine: "kv-v2" });
  expect((await read(provider, "db")).status).toBe("ok");
  fixture.double.tokens.revokeAll();
  expect(await rejection(read(provider, "db"))).toMatchObject(notLoggedIn);
});
