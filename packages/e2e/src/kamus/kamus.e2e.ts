import { createCipheriv } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSecrets, isSecretError } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Double, startDouble } from "../clouds/double.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { hasPrograms } from "../programs/provided.ts";

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("Kamus that has tokens reviewed by a real API server", () => {
  let cluster: Cluster;
  let double: Double;
  beforeAll(async () => {
    cluster = await openCluster();
    const { apiServer, administrator } = cluster;
    double = await startDouble("kamus/double.ts", "KamusDouble");
    const authority = readFileSync(apiServer.certificateAuthority, "utf8");
    await double.call("reviewAt", apiServer.url, authority, apiServer.adminToken);
    await administrator.createNamespace("shop");
    for (const account of ["orders", "billing"])
      await administrator.createReader("shop", { account, secrets: [], verbs: ["get"] });
  });
  afterAll(async () => {
    await double?.stop();
    await cluster?.close();
  });

  /** What a service gets that runs as this account, with a token for these audiences. */
  async function readAs(account: string, audiences?: string[]): Promise<unknown> {
    const token = await cluster.administrator.requestToken(
      "shop",
      account,
      audiences === undefined ? {} : { audiences },
    );
    const root = mkdtempSync(join(inject("runFolder"), "kamus-"));
    writeFileSync(join(root, "db.json"), JSON.stringify({ password: encrypted("s3cret-fixture") }));
    const file = join(mkdtempSync(join(inject("runFolder"), "token-")), "token");
    writeFileSync(file, token);
    const auth = { method: "service-account", token: { $file: file } };
    const kamus = { use: "kamus", root, url: `http://127.0.0.1:${double.port}`, auth };
    const secrets = createSecrets({
      adapters,
      config: { providers: { kamus }, routes: [{ match: "**", to: ["kamus"] }] },
    });
    try {
      await secrets.ready();
      return (await secrets.getSecret("db#password")).reveal();
    } catch (error) {
      return isSecretError(error) ? `${error.code} ${error.reason}` : error;
    } finally {
      await secrets.close();
    }
  }

  test("decrypts for the account that the items are for", async () => {
    expect(await readAs("orders")).toBe("s3cret-fixture");
  });

  test("decrypts for no other account", async () => {
    expect(await readAs("billing")).toBe("INVALID_VALUE no-key");
  });

  test("refuses a token that is projected for another audience", async () => {
    expect(await readAs("orders", ["vault"])).toBe("UNAUTHENTICATED login-refused");
  });
});

/** As the AES provider of Kamus encrypts, with the key of the double. */
function encrypted(text: string): string {
  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
  const iv = Buffer.alloc(16, 7);
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  return `${iv.toString("base64")}:${Buffer.concat([cipher.update(text), cipher.final()]).toString("base64")}`;
}
