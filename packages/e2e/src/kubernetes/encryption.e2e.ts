import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import {
  type EncryptionProvider,
  encryptionConfiguration,
  encryptionProvider,
  identity,
} from "../cluster/encryption.ts";
import { startKmsPlugin } from "../cluster/kms-plugin.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createReader } from "./reader.ts";
import { type Service, startService } from "./service.ts";

const secretbox = encryptionProvider("secretbox", "first");
const aescbc = encryptionProvider("aescbc", "second");
const aesgcm = encryptionProvider("aesgcm", "third");
const rotated = encryptionProvider("aesgcm", "fourth");

/** Each writes with its first provider, and still reads what the one before it wrote. */
const history = [
  { begins: "k8s\0", providers: [identity] },
  { begins: "k8s:enc:secretbox:v1:first:", providers: [secretbox, identity] },
  { begins: "k8s:enc:aescbc:v1:second:", providers: [aescbc, secretbox] },
  { begins: "k8s:enc:aesgcm:v1:third:", providers: [aesgcm, aescbc] },
  { begins: "k8s:enc:aesgcm:v1:fourth:", providers: [rotated, aesgcm] },
];

describe.skipIf(!hasPrograms("etcd", "kube-apiserver", "kms-plugin"))(
  "a service whose Secret is encrypted anew",
  () => {
    let cluster: Cluster;
    let service: Service;

    beforeEach(async () => {
      cluster = await openCluster();
      const reader = await createReader(cluster, "encrypted", ["db"]);
      await cluster.administrator.createSecret("encrypted", "db", { ...pairOf(1) });
      service = await startService(reader);
    });
    afterEach(async () => {
      await service?.[Symbol.asyncDispose]();
      await cluster?.close();
    });

    /** Restarts the server, has it store the Secret again, and gives what lies on its disk then. */
    async function rewrite(...providers: readonly EncryptionProvider[]): Promise<string> {
      const { administrator, apiServer, etcd } = cluster;
      apiServer.encrypt(encryptionConfiguration(...providers));
      await apiServer.process.stop();
      await apiServer.start();
      await administrator.replaceSecret("encrypted", "db", { ...pairOf(1) });
      await expect.poll(async () => (await service.watch.refresh()).reveal(), { timeout: 20_000 }).toEqual(pairOf(1));
      return (await etcd.read("/registry/secrets/encrypted/db")).toString("latin1");
    }

    async function expectNextRotationOnly(): Promise<void> {
      expect(service.rotations.seen).toEqual([]);
      await cluster.administrator.replaceSecret("encrypted", "db", { ...pairOf(2) });
      await service.watch.refresh();
      expect(service.rotations.seen).toEqual([2]);
    }

    test("by other ciphers and keys sees no change, and then the next rotation", async () => {
      for (const { begins, providers } of history) {
        expect((await rewrite(...providers)).slice(0, begins.length)).toBe(begins);
      }
      await expectNextRotationOnly();
    });

    test("by a key management service and its next key sees no change, and then the next rotation", async () => {
      await using plugin = await startKmsPlugin("key-of-today");
      const stored = await rewrite(plugin.provider, identity);
      expect(stored).toMatch(/^k8s:enc:kms:v2:plugin:/);
      expect(stored).toContain("key-of-today");
      plugin.useKey("key-of-tomorrow");
      expect(await rewrite(plugin.provider)).toContain("key-of-tomorrow");
      await expectNextRotationOnly();
    });
  },
);
