import { describe, expect, test } from "vitest";
import { openCluster } from "../cluster/cluster.ts";
import { encryptionConfiguration, encryptionProvider, identity } from "../cluster/encryption.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createReader } from "./reader.ts";
import { startService } from "./service.ts";

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

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("a service whose Secret is encrypted anew at rest", () => {
  test("sees no change, whatever encrypts it, and then the next rotation", async () => {
    await using cluster = await openCluster();
    const { administrator, apiServer, etcd } = cluster;
    const reader = await createReader(cluster, "encrypted", ["db"]);
    await administrator.createSecret("encrypted", "db", { ...pairOf(1) });
    await using service = await startService(reader);
    for (const { begins, providers } of history) {
      apiServer.encrypt(encryptionConfiguration(...providers));
      await apiServer.process.stop();
      await apiServer.start();
      await administrator.replaceSecret("encrypted", "db", { ...pairOf(1) });
      const stored = (await etcd.read("/registry/secrets/encrypted/db")).toString("latin1");
      expect(stored.slice(0, begins.length)).toBe(begins);
      await expect.poll(async () => (await service.watch.refresh()).reveal(), { timeout: 20_000 }).toEqual(pairOf(1));
    }
    expect(service.rotations.seen).toEqual([]);
    await administrator.replaceSecret("encrypted", "db", { ...pairOf(2) });
    // After so many restarts the watch may rest for a minute, which the tests of outages wait for.
    await service.watch.refresh();
    expect(service.rotations.seen).toEqual([2]);
  });
});
