import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAudit } from "../cluster/audit.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { canMount } from "./pod.ts";
import { createReader } from "./reader.ts";
import { type SealedSecrets, startSealedSecrets } from "./sealed-secrets.ts";
import { startService } from "./service.ts";

const areThere = hasPrograms("etcd", "kube-apiserver", "atomic-writer", "sealed-secrets-controller", "kubeseal");
const isAllowed = canMount() || process.env.CI !== undefined;
const title = `a service whose Secret is sealed${isAllowed ? "" : " (this user may not make mount namespaces)"}`;

describe.skipIf(!areThere || !isAllowed)(title, () => {
  let cluster: Cluster;
  let sealer: SealedSecrets;

  beforeAll(async () => {
    cluster = await openCluster();
    sealer = await startSealedSecrets(cluster);
  });
  afterAll(async () => {
    await sealer?.[Symbol.asyncDispose]();
    await cluster?.close();
  });

  async function applyGeneration(namespace: string, generation: number): Promise<void> {
    await sealer.apply(await sealer.seal(namespace, "db", { ...pairOf(generation) }));
  }

  test("sees one change for each new value, and none where it is sealed anew by a renewed key", async () => {
    const { apiServer } = cluster;
    const reader = await createReader(cluster, "sealed", ["db"]);
    await applyGeneration("sealed", 1);
    await using service = await startService(reader);
    await expect.poll(() => service.health().providers).toMatchObject([{ changes: "push", degraded: false }]);

    const sealed = await sealer.seal("sealed", "db", { ...pairOf(2) });
    await sealer.apply(sealed);
    await service.rotations.until(2);

    await sealer.renewKey();
    const resealed = await sealer.reseal(sealed);
    expect(resealed.spec.encryptedData).not.toEqual(sealed.spec.encryptedData);
    await sealer.apply(resealed);
    await applyGeneration("sealed", 2);
    await service.watch.refresh();
    expect(service.rotations.seen).toEqual([2]);

    await applyGeneration("sealed", 3);
    await service.rotations.until(3);
    await service.watch.refresh();
    expect(service.rotations.seen).toEqual([2, 3]);

    const asked = readAudit(apiServer.auditFile).filter(({ user }) => user.username.endsWith("sealed:reader"));
    const used = asked.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.name}`);
    expect(new Set(used)).toEqual(new Set(["get secrets db", "watch secrets db"]));
    expect(new Set(asked.map(({ responseStatus }) => responseStatus?.code))).toEqual(new Set([200]));
    for (const written of [readFileSync(apiServer.auditFile, "utf8"), JSON.stringify([sealed, resealed])]) {
      expect(written).not.toContain("s3cret-fixture");
      expect(written).not.toContain(Buffer.from(pairOf(2).password).toString("base64"));
    }
    const keys = `/api/v1/namespaces/${sealer.namespace}/secrets`;
    expect((await cluster.get(keys, apiServer.adminToken)).body).toContain("sealed-secrets-key");
    expect((await cluster.get(keys, reader.token)).status).toBe(403);
  });

  test("hears once that the Secret is gone, and of its return when the controller makes it anew", async () => {
    const { administrator } = cluster;
    const place = { namespace: "owned", name: "db" };
    const reader = await createReader(cluster, "owned", ["db"]);
    await applyGeneration("owned", 1);
    await using service = await startService(reader);
    const told: string[] = [];
    service.watch.on("delete", () => told.push("delete"));
    service.watch.on("change", ({ reason }) => told.push(reason));
    const { metadata } = await administrator.core.readNamespacedSecret(place);
    expect(metadata?.ownerReferences).toMatchObject([{ kind: "SealedSecret", name: "db" }]);

    // It would be back before anybody could look.
    await sealer.process.pause();
    await administrator.core.deleteNamespacedSecret(place);
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(["delete"]);
    expect(service.watch.latest.reveal()).toEqual(pairOf(1));
    sealer.process.resume();
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(["delete", "recreated"]);
    expect(service.watch.latest.reveal()).toEqual(pairOf(1));

    await applyGeneration("owned", 2);
    await service.rotations.until(2);
    expect(told).toEqual(["delete", "recreated", "rotated"]);

    // By a controller that runs, in a moment that a reader may miss.
    const uidOf = async () => (await administrator.core.readNamespacedSecret(place)).metadata?.uid;
    const before = await uidOf();
    await administrator.core.deleteNamespacedSecret(place);
    await expect.poll(() => uidOf().catch(() => before), { timeout: 10_000 }).not.toBe(before);
    await service.watch.refresh();
    expect([[], ["delete", "recreated"]]).toContainEqual(told.slice(3));
    expect(service.watch.latest.reveal()).toEqual(pairOf(2));
  });
});
