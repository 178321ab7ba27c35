import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { openAdapter } from "@tacit/core/conformance";
import { adapters } from "@tacit/providers";
import { startDouble } from "../clouds/double.ts";
import { outcomeOf } from "../clouds/outcome.ts";
import type { Scenario } from "../clouds/private-network.ts";

/** The real sops encrypts for a key in Azure Key Vault, through Azure's own client, and Tacit decrypts beside it. */
const scenario = JSON.parse(process.argv[2] ?? "") as Scenario;
const files = JSON.parse(process.env.PLAIN_FILES ?? "{}") as Readonly<Record<string, string>>;
const url = "https://tacit.vault.azure.net";
const tenantId = "0b8d4f4e-8f3c-4f0e-9c4b-1d2e3f405162";
const clientId = "11111111-2222-3333-4444-555555555555";
const double = await startDouble("azure-key-vault/double.ts", "KeyVaultDouble", scenario);
await double.set("resource", "https://vault.azure.net");
await double.set("origin", url);

const root = join(scenario.folder, "root");
mkdirSync(root);
const secret = join(scenario.folder, "secret");
writeFileSync(secret, "s3cret-fixture-client-secret", { mode: 0o600 });
const variables = {
  SSL_CERT_FILE: process.env.NODE_EXTRA_CA_CERTS ?? "",
  AZURE_TENANT_ID: tenantId,
  AZURE_CLIENT_ID: clientId,
  AZURE_CLIENT_SECRET: "s3cret-fixture-client-secret",
};

async function sops(...words: readonly string[]): Promise<Buffer | undefined> {
  const child = spawn(process.env.SOPS ?? "", words, { env: { ...process.env, ...variables } });
  const [output, , [status]] = await Promise.all([buffer(child.stdout), text(child.stderr), once(child, "close")]);
  return status === 0 ? output : undefined;
}

/** By a provider of its own for each question, so that nothing is held. */
async function ours(path: string, key = "k"): Promise<unknown> {
  const auth = { method: "client-secret", tenantId, clientId, secret: { $file: secret } };
  const keys = [{ use: "azure-key", keyId: `${url}/keys/${key}`, auth }];
  const provider = await openAdapter(await adapters.sops(), { root, keys });
  try {
    const result = await provider.get({ path, version: "current" }, { signal: AbortSignal.timeout(10_000) });
    if (result.status !== "ok") return result.status;
    const { payload } = result;
    if (payload.kind === "value") return Buffer.from(payload.bytes).toString("base64");
    return Object.fromEntries([...payload.fields].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]));
  } finally {
    await provider.close?.();
  }
}

const seen: Record<string, unknown> = {};
for (const [name, content] of Object.entries(files)) {
  const plain = join(scenario.folder, name);
  writeFileSync(plain, Buffer.from(content, "base64"));
  const encrypted = await sops("encrypt", "--azure-kv", `${url}/keys/k/0123456789abcdef0123456789abcdef`, plain);
  writeFileSync(join(root, name), encrypted ?? "");
  const words = name.endsWith(".bin") ? [] : ["--output-type", "json"];
  const theirs = await sops("decrypt", ...words, join(root, name));
  seen[name] = [await outcomeOf(ours(name)), theirs?.toString("base64")];
}
seen.other = await outcomeOf(ours("all.json", "other"));
await double.set("refusesLogins", true);
seen.refused = await outcomeOf(ours("all.json"));
seen.hosts = [...new Set((await double.requests()).map(({ host }) => host))].toSorted();
await double.stop();
process.send?.(seen);
process.disconnect();
