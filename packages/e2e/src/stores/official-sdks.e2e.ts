import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OnePasswordConnect } from "@1password/connect";
import DopplerSDK from "@dopplerhq/node-sdk";
import { InfisicalSDK } from "@infisical/sdk";
import { createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterEach, expect, inject, test, vi } from "vitest";
import { type Double, startDouble } from "../clouds/double.ts";

let double: Double | undefined;
afterEach(async () => {
  await double?.stop();
  double = undefined;
});

test("1Password's SDK and this client read the same item of the double of Connect", async () => {
  double = await startDouble("onepassword-connect/double.ts", "ConnectDouble");
  const vault = "v".repeat(26);
  const fields = [
    { label: "username", value: "app" },
    { label: "password", value: "s3cret-fixture" },
  ];
  await double.call("put", "db", fields);
  const token = "s3cret-fixture-token";
  const sdk = OnePasswordConnect({ serverURL: addressOf(double), token, keepAlive: false });
  expect((await sdk.listVaults()).map(({ name }) => name)).toEqual(["Orders"]);
  const item = await sdk.getItemByTitle(vault, "db");
  expect(item.fields?.map(({ label, value }) => ({ label, value }))).toEqual(fields);
  expect(item.version).toBe(1);
  await expect(sdk.getItemByTitle(vault, "absent")).rejects.toBeDefined();
  const options = { vault: "Orders", auth: { method: "token", token: fileOf(token) } };
  expect(await readBy("onepassword-connect", options, "db", "password")).toBe("s3cret-fixture");
});

test("Infisical's SDK and this client log in, read and lease from the double of Infisical", async () => {
  double = await startDouble("infisical/double.ts", "InfisicalDouble");
  await double.call("secrets.set", "/orders/DB", ["s3cret-fixture-1", "s3cret-fixture-2"]);
  await double.call("dynamic.set", "/orders/db", 60_000);
  const [clientId, clientSecret] = ["s3cret-fixture-id", "s3cret-fixture-secret"];
  const sdk = new InfisicalSDK({ siteUrl: addressOf(double) });
  await sdk.auth().universalAuth.login({ clientId, clientSecret });
  const place = { environment: "prod", projectId: "p-1", secretPath: "/orders" };
  expect(await sdk.secrets().getSecret({ ...place, secretName: "DB" })).toMatchObject({
    secretValue: "s3cret-fixture-2",
    version: 2,
  });
  const leased = await sdk.dynamicSecrets().leases.create({
    dynamicSecretName: "db",
    environmentSlug: "prod",
    projectSlug: "orders",
    path: "/orders",
    ttl: "60s",
  });
  expect(leased).toMatchObject({ lease: { id: expect.any(String) }, data: { DB_USERNAME: expect.any(String) } });
  const auth = { method: "universal", clientId: fileOf(clientId), clientSecret: fileOf(clientSecret) };
  const options = { project: "p-1", environment: "prod", auth };
  expect(await readBy("infisical", options, "orders/DB")).toBe("s3cret-fixture-2");
});

test("Infisical's SDK and this client log in by the keys of AWS, and by no others", async () => {
  double = await startDouble("infisical/double.ts", "InfisicalDouble");
  await double.call("secrets.set", "/orders/DB", ["s3cret-fixture"]);
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAFIXTURE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cret-fixture-aws");
  const siteUrl = addressOf(double);
  const sdk = new InfisicalSDK({ siteUrl });
  await sdk.auth().awsIamAuth.login({ identityId: "id-1" });
  const place = { environment: "prod", projectId: "p-1", secretPath: "/orders" };
  expect(await sdk.secrets().getSecret({ ...place, secretName: "DB" })).toMatchObject({
    secretValue: "s3cret-fixture",
  });
  const auth = { method: "aws-iam", identityId: "id-1", region: "eu-central-1" };
  const options = { project: "p-1", environment: "prod", auth };
  expect(await readBy("infisical", options, "orders/DB")).toBe("s3cret-fixture");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cret-fixture-wrong");
  await expect(new InfisicalSDK({ siteUrl }).auth().awsIamAuth.login({ identityId: "id-1" })).rejects.toThrow("401");
  vi.unstubAllEnvs();
});

test("Doppler's SDK and this client read the same config of the double of Doppler", async () => {
  double = await startDouble("doppler/double.ts", "DopplerDouble");
  await double.call("secrets.set", "DB_PRIMARY", "s3cret-fixture");
  const token = "dp.st.prd.s3cret-fixture";
  const sdk = new DopplerSDK({ accessToken: token });
  sdk.setBaseUrl(addressOf(double));
  expect(await sdk.secrets.download("orders", "prd")).toMatchObject({ DB_PRIMARY: "s3cret-fixture" });
  const options = { auth: { method: "token", token: fileOf(token) } };
  expect(await readBy("doppler", options, "db/primary")).toBe("s3cret-fixture");
});

/** Reads a value, or a field of it, through a client of its own. */
async function readBy(use: string, options: object, name: string, select?: string): Promise<unknown> {
  const provider = { use, url: double === undefined ? "" : addressOf(double), ...options };
  const config = { providers: { store: provider }, routes: [{ match: "**", to: ["store"] }] };
  const secrets = createSecrets({ adapters, config });
  try {
    await secrets.ready();
    return (await secrets.getSecret(select === undefined ? name : `${name}#${select}`)).reveal();
  } finally {
    await secrets.close();
  }
}

function addressOf({ port }: Double): string {
  return `http://127.0.0.1:${port}`;
}

/** A credential in a file of its own. */
function fileOf(content: string): { readonly $file: string } {
  const file = join(mkdtempSync(join(inject("runFolder"), "sdk-")), "credential");
  writeFileSync(file, content);
  return { $file: file };
}
