import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type EtcdValue, lintEncryptionConfiguration, recogniseEtcdValue } from "@tacit/providers/at-rest";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { hasPrograms, programPath } from "../programs/provided.ts";
import { claimPort } from "./claim-port.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { encryptionConfiguration, encryptionProvider, identity } from "./encryption.ts";
import { startKmsPlugin } from "./kms-plugin.ts";
import { startServer } from "./server-process.ts";

interface Case {
  readonly title: string;
  readonly rules?: string;
  readonly text?: string;
  readonly refused: boolean;
}

/** Those of the unit tests of the linter. */
const caseFile = new URL("../../../providers/test/encryption-configurations.json", import.meta.url);
const { keys, cases } = JSON.parse(readFileSync(caseFile, "utf8")) as {
  /** word of a case -> the key that it stands for */
  readonly keys: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
};
const words = new RegExp(Object.keys(keys).join("|"), "g");
const header = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources: ";

describe.skipIf(!hasPrograms("etcd", "kube-apiserver", "kms-plugin"))("encryption at rest", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster();
  });
  afterAll(() => cluster?.close());

  test("values that the API server wrote are recognised", async () => {
    const { administrator, apiServer, etcd } = cluster;
    await administrator.createNamespace("at-rest");
    await administrator.createSecret("at-rest", "db", { password: "s3cret-fixture" });
    const stored = async (): Promise<EtcdValue> => recogniseEtcdValue(await etcd.read("/registry/secrets/at-rest/db"));
    expect(await stored()).toEqual({ form: "protobuf" });
    await using plugin = await startKmsPlugin("key-of-today");
    const ciphers = (["aescbc", "aesgcm", "secretbox"] as const).map(
      (cipher) => [cipher, "first", encryptionProvider(cipher, "first")] as const,
    );
    for (const [cipher, key, provider] of [...ciphers, ["kms-v2", "plugin", plugin.provider] as const]) {
      const others = ciphers.map(([, , other]) => other).filter((other) => other !== provider);
      apiServer.encrypt(encryptionConfiguration(provider, ...others, identity));
      await apiServer.process.stop();
      await apiServer.start();
      await administrator.replaceSecret("at-rest", "db", { password: "s3cret-fixture" });
      expect(await stored()).toMatchObject({ form: "encrypted", cipher, key });
    }
  }, 180_000);

  test("the linter refuses the files that the API server refuses, and no other", async () => {
    const different: string[] = [];
    for (const { title, text, rules } of cases) {
      const file = (text ?? `${header}${rules}\n`).replace(words, (word) => keys[word] ?? "");
      const findings = await lintEncryptionConfiguration(file);
      const isRefused = findings.some(({ refused }) => refused);
      if ((await isTaken(file, cluster)) === isRefused) different.push(title);
    }
    expect(different).toEqual([]);
  }, 600_000);
});

/** Whether an API server with that file gets as far as serving; one that refuses the file ends in a fraction of a second. */
async function isTaken(configuration: string, { etcd, apiServer }: Cluster): Promise<boolean> {
  const folder = mkdtempSync(join(inject("runFolder"), "at-rest-"));
  const file = join(folder, "encryption.yaml");
  const signingKey = join(folder, "sa.key");
  writeFileSync(file, configuration, { mode: 0o600 });
  writeFileSync(signingKey, apiServer.signingKey, { mode: 0o600 });
  const settings: Record<string, string> = {
    "encryption-provider-config": file,
    "etcd-servers": etcd.url,
    "bind-address": "127.0.0.1",
    "secure-port": String(await claimPort()),
    "cert-dir": join(folder, "certificates"),
    "service-account-issuer": "https://kubernetes.default.svc",
    "service-account-signing-key-file": signingKey,
    "service-account-key-file": signingKey,
    "authorization-mode": "RBAC",
  };
  const commandLine = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const process = startServer(programPath("kube-apiserver"), commandLine, folder);
  let hasEnded = false;
  void process.ended.then(() => {
    hasEnded = true;
  });
  const deadline = performance.now() + 60_000;
  // A server whose key management service is not there has read the file, and goes on trying to reach the service.
  const isWaiting = (): boolean => process.log().includes('failed to connect to {Addr: "/tmp/none.sock"');
  const isServing = (): boolean => process.log().includes("Serving securely");
  while (!hasEnded && !isServing() && !isWaiting() && performance.now() < deadline) await sleep(20);
  // What it refuses it may only come to behind the service.
  if (!hasEnded && !isServing()) await Promise.race([process.ended, sleep(2_000)]);
  const log = process.log();
  const isRead = isServing() || (isWaiting() && !hasEnded);
  await process.kill();
  if (isRead) return true;
  // Any other reason to end would prove nothing.
  if (/error while (loading|parsing|building)/.test(log)) return false;
  throw new Error(`the API server said neither:\n${log}`);
}
