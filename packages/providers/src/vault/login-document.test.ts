import { inspect } from "node:util";
import { createSecrets, declareSecrets, object, type SecretError } from "@tacit/core";
import type { Adapter } from "@tacit/core/provider";
import { expect, test } from "vitest";
import { refusal } from "../../test/vault/double/request.ts";
import { openFixture, type VaultFixture } from "../../test/vault/fixture.ts";
import { JwtIssuer } from "../../test/vault/jwt-issuer.ts";
import { vault } from "./index.ts";

/** Creates a client from a document with a Vault and its credentials. */
function openClient(fixture: VaultFixture, auth: object) {
  const config = {
    providers: {
      vault: { use: "vault", url: `http://127.0.0.1:${fixture.double.port}`, auth },
      files: { use: "other" },
    },
    routes: [{ match: "**", to: ["vault"] }],
    bindings: { "vault/login": { provider: "files", path: "login" } },
  };
  const held = { login: "" };
  const other: Adapter = {
    name: "other",
    options: async () => ({ "~standard": { version: 1, vendor: "fixture", validate: (value) => ({ value }) } }),
    open: () => ({
      supports: { payload: "value", versions: false, subscribe: false, conditional: false, defaultPollMs: 60_000 },
      get: async () => ({
        status: "ok",
        payload: { kind: "value", bytes: Buffer.from(held.login) },
        version: held.login,
      }),
    }),
  };
  const declare = declareSecrets({ db: { ref: "db/primary", as: object(["password"]) } });
  return { client: createSecrets({ adapters: { vault, other }, declare, config }), held };
}

test("a document configures the sources of login credentials, including another provider", async () => {
  await using fixture = await openFixture();
  const issuer = new JwtIssuer();
  fixture.kv2.put("db/primary", { password: "s3cret-fixture" });
  fixture.double.open.push(({ path, body }) => {
    if (path !== "auth/jwt/login") return undefined;
    const claims = issuer.verify(body.jwt, Date.now());
    return claims?.sub === "orders" ? fixture.double.tokens.login({}) : refusal(400, "no");
  });
  const { client, held } = openClient(fixture, { method: "jwt", role: "orders", jwt: { $secret: "vault/login" } });
  held.login = issuer.issue({ sub: "orders", exp: Math.floor(Date.now() / 1000) + 60 });
  await client.ready();
  expect(client.latest("db").reveal()).toEqual({ password: "s3cret-fixture" });
  await client.close();
});

test.each([
  { method: "approle", roleId: "s3cret-fixture", secretId: "s3cret-fixture" },
  { method: "jwt", jwt: "s3cret-fixture" },
  { method: "userpass", username: "app", password: "s3cret-fixture" },
  { method: "gcp", type: "iam", role: "app", key: "s3cret-fixture" },
])("a credential written as text is refused without quoting it: %o", async (auth) => {
  await using fixture = await openFixture();
  const { client } = openClient(fixture, auth);
  const error = await client.ready().catch((thrown: unknown) => thrown);
  const { errors = [] } = error as SecretError;
  expect(errors.map(({ reason }) => reason)).toContain("literal-credential");
  for (const text of [inspect(error, { depth: 9 }), JSON.stringify([error, errors])])
    expect(text).not.toContain("s3cret-fixture");
  await client.close();
});
