import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { bytes, createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { startDouble } from "./double.ts";
import { outcomeOf } from "./outcome.ts";
import type { Scenario } from "./private-network.ts";

/** The official client writes and reads Secret Manager, and Tacit reads beside it, both with a workload identity federation. */
const scenario = JSON.parse(process.argv[2] ?? "") as Scenario;
const put = (name: string, content: string): string => {
  writeFileSync(join(scenario.folder, name), content);
  return join(scenario.folder, name);
};
const double = await startDouble("gcp-secret-manager/double.ts", "SecretManagerDouble", scenario);
const subject = put("subject", "s3cret-fixture-subject");
const federation = {
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: "https://sts.googleapis.com/v1/token",
  credential_source: { file: subject },
};
process.env.GOOGLE_APPLICATION_CREDENTIALS = put("federation.json", JSON.stringify(federation));
const official = new SecretManagerServiceClient({ fallback: true, projectId: "orders" });
const parent = "projects/orders";
const add = async (name: string, text: string): Promise<void> => {
  await official.addSecretVersion({ parent: `${parent}/secrets/${name}`, payload: { data: Buffer.from(text) } });
};
const theirs = async (version: string): Promise<string> => {
  const [answer] = await official.accessSecretVersion({ name: `${parent}/secrets/db/versions/${version}` });
  return Buffer.from(answer.payload?.data ?? "").toString();
};

/** A client of its own for each question, so that nothing is held. */
async function ours(reference: string, options: object = {}, path?: string): Promise<string> {
  const secrets = createSecrets({
    adapters,
    config: {
      providers: { gcp: { use: "gcp-secret-manager", project: "orders", ...options } },
      routes: [{ match: "**", to: ["gcp"] }],
      ...(path !== undefined && { bindings: { bound: { provider: "gcp", path } } }),
    },
  });
  try {
    return Buffer.from((await secrets.getSecret(reference, bytes())).reveal()).toString();
  } finally {
    await secrets.close();
  }
}

const seen: Record<string, unknown> = {};
await official.createSecret({ parent, secretId: "db", secret: { replication: { automatic: {} } } });
await add("db", "first");
await add("db", "second");
seen.both = [await theirs("latest"), await ours("db"), await theirs("1"), await ours("db@previous")];
await double.call("setAliases", "db", { live: "1" });
seen.alias = [await theirs("live"), await ours("bound", {}, "db/versions/live")];
await double.call("setAliases", "db", { live: "2" });
seen.movedAlias = [await theirs("live"), await ours("bound", {}, "db/versions/live")];
await official.disableSecretVersion({ name: `${parent}/secrets/db/versions/2` });
seen.disabled = [await outcomeOf(theirs("latest")), await outcomeOf(ours("db"))];
await official.enableSecretVersion({ name: `${parent}/secrets/db/versions/2` });
await official.destroySecretVersion({ name: `${parent}/secrets/db/versions/2` });
seen.destroyed = [await outcomeOf(theirs("latest")), await outcomeOf(ours("db"))];
await add("db", "third");
const bare = {
  name: "projects/1/secrets/db/versions/3",
  payload: { data: Buffer.from("changed").toString("base64"), dataCrc32c: "1" },
};
await double.answer(":access", { body: bare });
seen.checksum = [await theirs("latest"), await outcomeOf(ours("db"))];
await double.answer(":access", undefined);
await double.set("parent", "projects/orders/locations/europe-west3");
seen.regional = await ours("db", { location: "europe-west3" });
await double.set("parent", parent);

// The subject token is renewed on disk, and the old one is not good any more.
await double.set("subject", "s3cret-fixture-renewed");
put("subject", "s3cret-fixture-renewed");
await double.call("expireLogins");
seen.renewed = await ours("db");

const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
await double.set("accountKey", publicKey);
const key = {
  type: "service_account",
  client_email: "app@orders.iam.gserviceaccount.com",
  private_key: privateKey,
  private_key_id: "1",
};
const credentials = { $file: put("key.json", JSON.stringify({ ...key, token_uri: "https://attacker.example/token" })) };
seen.key = await ours("db", { auth: { method: "credentials", credentials } });
await double.call("expireLogins");
await double.set("refusesLogins", true);
seen.refused = await outcomeOf(ours("db"));
await double.answer("/v1/token", { status: 503, body: {} });
seen.outage = await outcomeOf(ours("db"));
await double.answer("/v1/token", undefined);
await double.set("refusesLogins", false);
await double.answer(":access", {
  status: 429,
  headers: { "retry-after": "1" },
  body: { error: { code: 429, status: "RESOURCE_EXHAUSTED" } },
});
seen.throttled = await outcomeOf(ours("db"));
await double.answer(":access", undefined);
seen.recovered = await ours("db");
seen.hosts = [...new Set((await double.requests()).map(({ host }) => host))].toSorted();
await official.close();
await double.stop();
process.send?.(seen);
process.disconnect();
