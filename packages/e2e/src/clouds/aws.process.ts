import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { startDouble } from "./double.ts";
import { outcomeOf } from "./outcome.ts";
import type { Scenario } from "./private-network.ts";

/** The official client and Tacit run where AWS gives keys, one place after the other: who asks is told by the key that signs. */
const scenario = JSON.parse(process.argv[2] ?? "") as Scenario;
const put = (name: string, content: string): string => {
  const file = join(scenario.folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode: 0o600 });
  return file;
};
const region = "us-west-2";
const stores = await startDouble("aws-stores-double.ts", "AwsStoresDouble", scenario);
await stores.call("secrets.put", "db", "s3cret-fixture-value");
/** Each at its own address, as on the machines of AWS. */
const metadata = await Promise.all(
  ["169.254.169.254", "169.254.170.2", "169.254.170.23"].map((host) =>
    startDouble("aws-identity-double.ts", "AwsIdentityDouble", undefined, { port: 80, host }),
  ),
);
const [instance, task, pod] = metadata;
const extension = await startDouble("aws-agent/extension-double.ts", "ExtensionDouble", undefined, { port: 2773 });

async function give(double: typeof instance, identity: string, accessKeyId: string): Promise<void> {
  const keys = {
    accessKeyId,
    secretAccessKey: `s3cret-fixture-${identity}`,
    sessionToken: `s3cret-fixture-${identity}-t`,
  };
  await double?.call("give", identity, keys);
  await stores.call("issue", accessKeyId, keys.secretAccessKey, keys.sessionToken);
}

async function theirs(): Promise<string | undefined> {
  const client = new SecretsManagerClient({ region });
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: "db" }))).SecretString;
  } finally {
    client.destroy();
  }
}

async function ours(provider: object = { use: "aws-secrets-manager", region }, reference = "db"): Promise<string> {
  const secrets = createSecrets({
    adapters,
    config: { providers: { aws: provider as { use: string } }, routes: [{ match: "**", to: ["aws"] }] },
  });
  try {
    return (await secrets.getSecret(reference)).reveal();
  } finally {
    await secrets.close();
  }
}

/** What either makes of one place, and whose keys signed it. */
async function both(): Promise<unknown> {
  await stores.call("signers");
  const [official, own] = [await outcomeOf(theirs()), await outcomeOf(ours())];
  const signers = new Set((await stores.call("signers")) as readonly string[]);
  return { same: official === own && official === "s3cret-fixture-value", signers: [...signers] };
}

const seen: Record<string, unknown> = {};
await give(instance, "instance", "ASIAINSTANCE00000001");
seen.instance = await both();
await give(task, "task", "ASIATASK000000000001");
process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/v2/credentials/task";
seen.task = await both();
delete process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
await give(pod, "pod", "ASIAPOD0000000000001");
process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://169.254.170.23/v1/credentials";
process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = put("token", "s3cret-fixture-pod-token");
seen.pod = await both();
delete process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI;

// In Lambda keys are variables, and the extension has a port of its own.
Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: "ASIALAMBDA0000000001",
  AWS_SECRET_ACCESS_KEY: "s3cret-fixture-lambda",
  AWS_SESSION_TOKEN: "s3cret-fixture-session",
});
await stores.call("issue", "ASIALAMBDA0000000001", "s3cret-fixture-lambda", "s3cret-fixture-session");
seen.lambda = await both();
await extension.set("token", "s3cret-fixture-session");
await extension.call("secrets.put", "db", "s3cret-fixture-of-secret");
await extension.call("stored.put", "/prod/db", "s3cret-fixture-of-parameter");
seen.extension = [
  (await ours({ use: "aws-agent" })) === "s3cret-fixture-of-secret",
  (await ours({ use: "aws-agent", service: "parameters", prefix: "prod" })) === "s3cret-fixture-of-parameter",
];
await extension.set("isIdle", true);
const idle = outcomeOf(ours({ use: "aws-agent" }));
setTimeout(() => void extension.set("isIdle", false), 500);
seen.ready = (await idle) === "s3cret-fixture-of-secret";
await extension.set("token", "s3cret-fixture-other");
seen.refused = await outcomeOf(ours({ use: "aws-agent" }));

for (const double of [stores, extension, ...metadata]) await double.stop();
process.send?.(seen);
process.disconnect();
