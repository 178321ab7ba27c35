import { readFileSync } from "node:fs";
import { type ConfigDocument, createSecrets, declareSecrets, object, type Secrets, text, tlsPair } from "@tacit/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replied } from "../../../test/vault/double/engine-call.ts";
import { type EngineFixture, openEngineFixture } from "../../../test/vault/engine-fixture.ts";
import { vault } from "../index.ts";

const page = readFileSync(new URL("../../../../../docs/providers/vault-engines.md", import.meta.url), "utf8");
const documented = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? "") as {
  readonly providers: { readonly vault: Readonly<Record<string, unknown>> };
};
const declared = declareSecrets({
  db: { ref: "db/primary", as: object(["username", "password"]) },
  reports: { ref: "db/reports", as: object(["username", "password"]) },
  web: { ref: "web/tls", as: tlsPair() },
  stripe: { ref: "stripe/key", as: text() },
  upload: { ref: "aws/upload", as: object(["access_key", "secret_key"]) },
  bootstrap: { ref: "bootstrap", as: object(["password"]) },
});
let fixture: EngineFixture;
let secrets: Secrets<(typeof declared)["declarations"]>;

beforeEach(async () => {
  fixture = await openEngineFixture();
  const { engines } = fixture;
  engines.database.roles.set("orders", { ttl: 60, maxTtl: 600, renewable: true });
  const role = { username: "reports", password: "s3cret-fixture-1", ttl: 12, rotation_period: 3600 };
  engines.database.staticRoles.set("reports", { ...role, last_vault_rotation: "2025-12-31T23:00:12Z" });
  engines.pki.roles.set("web", { maxTtl: 86_400 });
  engines.transit.createKey("orders");
  const lease = { lease_id: "aws/creds/upload/1", lease_duration: 3600 };
  engines.others.set("aws/creds/upload", () =>
    replied({ access_key: "AKIAFIXTURE", secret_key: "s3cret-fixture" }, lease),
  );
  const bootstrap = replied({ data: { password: "s3cret-fixture" }, metadata: { version: 1 } });
  const config = configOf({
    token: engines.wrapping.wrap("kv/data/bootstrap", bootstrap),
    ciphertext: engines.transit.encrypt("orders", Buffer.from("s3cret-fixture-stripe")),
  });
  secrets = createSecrets({
    adapters: { vault },
    declare: declared,
    config: config as ConfigDocument,
    clock: fixture.clock,
    random: () => 0.5,
  });
  await secrets.ready();
});

afterEach(async () => {
  await secrets.close();
  await fixture[Symbol.asyncDispose]();
});

/** Returns the documented configuration, with the addresses and the ciphertext of this test. */
function configOf({ token, ciphertext }: { readonly token: string; readonly ciphertext: string }): object {
  const wrapping = fixture.file("wrapping", token);
  const config = structuredClone(documented) as { providers: { vault: Record<string, unknown> } };
  const { wrapped, mounts } = config.providers.vault as {
    wrapped: { token: object }[];
    mounts: { transit: { ciphertexts: Record<string, { ciphertext: string }> } };
  };
  for (const each of wrapped) each.token = { $file: wrapping };
  for (const each of Object.values(mounts.transit.ciphertexts)) each.ciphertext = ciphertext;
  Object.assign(config.providers.vault, { ...fixture.options });
  return config;
}

test("every binding of the documented configuration is read through a client", () => {
  expect(secrets.latest("db").reveal()).toEqual({ username: "v-orders-1", password: "s3cret-fixture-password-1" });
  expect(secrets.latest("reports").reveal()).toEqual({ username: "reports", password: "s3cret-fixture-1" });
  expect(secrets.latest("web").reveal().key).toContain("PRIVATE KEY");
  expect(secrets.latest("stripe").reveal()).toBe("s3cret-fixture-stripe");
  expect(secrets.latest("upload").reveal()).toEqual({ access_key: "AKIAFIXTURE", secret_key: "s3cret-fixture" });
  expect(secrets.latest("bootstrap").reveal()).toEqual({ password: "s3cret-fixture" });
});

test("a lease is renewed, without reading its credential or another dynamic one again", async () => {
  for (let round = 1; round <= 5; round++) {
    const renewed = new Promise((resolve) => secrets.events.once("lease-renewed", resolve));
    // Advances beyond the renewal, at a third of the minute, but not to the deadline of the call.
    await fixture.clock.advance(22_000);
    await renewed;
  }
  const { database, pki } = fixture.engines;
  expect([...database.users.keys(), secrets.latest("db").reveal().username]).toEqual(["v-orders-1", "v-orders-1"]);
  expect([database.made, pki.asked.length]).toEqual([1, 1]);
});

test("closing revokes the credential", async () => {
  await secrets.close();
  expect([...fixture.engines.database.users.keys(), ...fixture.engines.leases.ids]).toEqual([]);
});

test("the rotation of a static role is detected seconds after it, long before a poll", async () => {
  const role = { username: "reports", password: "s3cret-fixture-2", ttl: 3590, rotation_period: 3600 };
  fixture.engines.database.staticRoles.set("reports", { ...role, last_vault_rotation: "2026-01-01T00:00:12Z" });
  const changed = new Promise((resolve) => secrets.watch("reports").on("change", resolve));
  await fixture.clock.advance(16_000);
  await changed;
  expect(secrets.latest("reports").reveal().password).toBe("s3cret-fixture-2");
});
