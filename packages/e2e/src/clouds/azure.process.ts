import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ClientSecretCredential, WorkloadIdentityCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { bytes, createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { generate } from "selfsigned";
import { startDouble } from "./double.ts";
import { outcomeOf } from "./outcome.ts";
import type { Scenario } from "./private-network.ts";

/** The official client writes and reads a vault, and Tacit reads beside it. Its challenge is checked by both. */
const scenario = JSON.parse(process.argv[2] ?? "") as Scenario;
const url = "https://orders.vault.azure.net";
const tenantId = "0b8d4f4e-8f3c-4f0e-9c4b-1d2e3f405162";
const clientId = "11111111-2222-3333-4444-555555555555";
const put = (name: string, content: string): string => {
  writeFileSync(join(scenario.folder, name), content, { mode: 0o600 });
  return join(scenario.folder, name);
};
const double = await startDouble("azure-key-vault/double.ts", "KeyVaultDouble", scenario);
await double.set("resource", "https://vault.azure.net");
await double.set("origin", url);
process.env.AZURE_TENANT_ID = tenantId;
process.env.AZURE_CLIENT_ID = clientId;
process.env.AZURE_FEDERATED_TOKEN_FILE = put("token", "s3cret-fixture-assertion");
const secret = { $file: put("secret", "s3cret-fixture-client-secret") };
const byPassword = { method: "client-secret", tenantId, clientId, secret };

const official = new SecretClient(url, new ClientSecretCredential(tenantId, clientId, "s3cret-fixture-client-secret"));
const officialPod = new SecretClient(url, new WorkloadIdentityCredential());
const theirs = async (client = official, version?: string): Promise<string | undefined> =>
  (await client.getSecret("db", version === undefined ? {} : { version })).value;

function clientWith(auth: object = { method: "default" }, retries = {}) {
  return createSecrets({
    adapters,
    config: {
      providers: { vault: { use: "azure-key-vault", url, auth, ...retries } },
      routes: [{ match: "**", to: ["vault"] }],
    },
  });
}

/** A client of its own for each question, so that nothing is held. */
async function ours(reference: string, auth?: object): Promise<string> {
  const secrets = clientWith(auth);
  try {
    return Buffer.from((await secrets.getSecret(reference, bytes())).reveal()).toString();
  } finally {
    await secrets.close();
  }
}

/** How many tokens Entra was asked for. */
const tokens = async (): Promise<number> =>
  (await double.requests()).filter(({ path }) => path.endsWith("/oauth2/v2.0/token")).length;

const seen: Record<string, unknown> = {};
await official.setSecret("db", "first");
const { properties } = await official.setSecret("db", "second");
seen.both = [await theirs(), await theirs(officialPod), await ours("db", byPassword), await ours("db")];
seen.previous = await ours("db@previous");
seen.version = await theirs(official, properties.version);

const pair = await generate([{ name: "commonName", value: "orders" }], { algorithm: "sha256" });
const certificate = { $file: put("client.pem", `${pair.private}\n${pair.cert}`) };
seen.certificate = await ours("db", { method: "client-certificate", tenantId, clientId, certificate });

const before = await tokens();
const many = clientWith();
const values = await Promise.all(
  Array.from({ length: 50 }, (_, index) => outcomeOf(many.getSecret(index % 2 ? "db" : `db-${index}`))),
);
await many.close();
seen.concurrent = [values.length, (await tokens()) - before];

// Whoever is at that address wants a token for something else.
const beforeForeign = await tokens();
await double.set(
  "challenge",
  `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="https://management.azure.com"`,
);
const fresh = new SecretClient(url, new ClientSecretCredential(tenantId, clientId, "s3cret-fixture-client-secret"));
seen.foreign = [
  await outcomeOf(ours("db")),
  (await outcomeOf(theirs(fresh))) !== "second",
  (await tokens()) - beforeForeign,
];
await double.set("challenge", undefined);

// A token that was good a moment ago is not any more, and the vault says what it wants of the next one.
const held = clientWith();
const readHeld = async (name: string): Promise<unknown> =>
  outcomeOf(held.getSecret(name).then((read) => read.reveal()));
await official.setSecret("api", "third");
await readHeld("db");
const beforeClaims = await tokens();
await double.set("isRevoked", true);
seen.claims = [await readHeld("api"), (await tokens()) - beforeClaims, await theirs()];
await double.set("isRevoked", false);
await held.close();

await official.updateSecretProperties("api", (await official.getSecret("api")).properties.version ?? "", {
  enabled: false,
});
seen.disabled = await outcomeOf(ours("api"));
const page = { status: 503, headers: { "content-type": "text/html" }, body: "<html></html>" };
await double.answer("/oauth2/v2.0/token", page);
seen.outage = await outcomeOf(ours("db"));
await double.answer("/oauth2/v2.0/token", { status: 429, headers: { "retry-after": "3" }, body: {} });
seen.throttled = await outcomeOf(ours("db"));
await double.answer("/oauth2/v2.0/token", undefined);
await double.set("refusesLogins", true);
seen.refused = await outcomeOf(ours("db"));
await double.set("refusesLogins", false);
seen.recovered = await ours("db");
seen.hosts = [...new Set((await double.requests()).map(({ host }) => host))].toSorted();
await double.stop();
seen.refusedConnection = await outcomeOf(ours("db"));
process.send?.(seen);
process.disconnect();
