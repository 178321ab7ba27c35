import { createSecrets, declareSecrets, SecretError } from "@tacit/core";
import { describe, expect, test } from "vitest";
import { forever, loginPath, openFixture, read, rejection } from "../../test/vault/fixture.ts";
import { vault } from "./index.ts";

describe("an error during the setup of a provider shows", () => {
  test.each(["/v1", "/v1/", "/ui", "/ui/vault/auth"])("that the address ends in %s", async (path) => {
    await using fixture = await openFixture();
    const error = rejection(fixture.open({ url: `${fixture.options.url}${path}` }));
    expect(await error).toMatchObject({
      code: "INVALID_CONFIG",
      reason: "address",
      tip: expect.stringContaining("https://vault.example:8200"),
    });
  });

  test("nothing for a Vault below a base path", async () => {
    await using fixture = await openFixture();
    fixture.double.override = ({ path }) => (path.endsWith("base/v1/sys/health") ? { body: {} } : undefined);
    const provider = await fixture.open({ url: `${fixture.options.url}/base` });
    await provider.check?.(forever);
  });

  test("which login was refused, and that 403 may mean a missing mount", async () => {
    await using fixture = await openFixture();
    fixture.double.override = ({ path }) =>
      path === loginPath ? { status: 403, body: { errors: ["permission denied"] } } : undefined;
    expect(await rejection(read(await fixture.open(), "db"))).toMatchObject({
      code: "UNAUTHENTICATED",
      message: "the login at auth/userpass was refused with 403",
      tip: expect.stringContaining("`auth.mount`"),
    });
  });

  test("which credential cannot be read", async () => {
    const missing = new SecretError("UNAUTHENTICATED", "the file does not exist", {
      reason: "credential-missing",
      retryable: false,
      tip: "Check that it is mounted.",
    });
    await using fixture = await openFixture({ credential: () => Promise.reject(missing) });
    expect(await rejection(read(await fixture.open(), "db"))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "credential-missing",
      message: "the password of the login: the file does not exist",
      retryable: false,
      tip: "Check that it is mounted.",
    });
  });

  test("that a denial may mean a missing mount", async () => {
    await using fixture = await openFixture();
    fixture.double.allows = ({ path }) => !path.startsWith("kv/");
    const provider = await fixture.open({ mount: "kv", engine: "kv-v2" });
    expect(await rejection(read(provider, "db"))).toMatchObject({
      code: "PERMISSION_DENIED",
      tip: expect.stringMatching(/^Grant it: path "kv\/data\/db".*`mount`/),
    });
  });

  test("that the path of a missing secret contains the mount", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("secret/own", { password: "s3cret-fixture" });
    const provider = await fixture.open();
    for (const path of ["db", "secrets/db", "secret/own"]) await read(provider, path);
    expect(fixture.host.warnings).toEqual([]);
    await read(provider, "secret/data/db");
    expect(fixture.host.warnings).toMatchObject([{ code: "path-with-mount", tip: expect.stringContaining("secret") }]);
  });

  test.each([
    [{ auth: { method: "oidc" } }, /^providers\.vault\.auth\.method: must be "token", .*"approle"/],
    [{ mounts: { pg: { engine: "db" } } }, /^providers\.vault\.mounts\.pg\.engine: must be "kv-v1", .*"database"/],
  ])("the valid values in place of %j", async (options, message) => {
    const config = {
      providers: { vault: { use: "vault", url: "http://127.0.0.1:1", ...options } },
      routes: [{ match: "**", to: ["vault"] }],
    };
    const declare = declareSecrets({ db: { ref: "db" } });
    await using client = createSecrets({ adapters: { vault }, declare, config });
    const { errors = [] } = (await rejection(client.ready())) as SecretError;
    expect(errors[0]?.message).toMatch(message);
  });
});
