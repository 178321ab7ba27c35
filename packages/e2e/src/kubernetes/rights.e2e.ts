import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAudit } from "../cluster/audit.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createReader } from "./reader.ts";
import { startService } from "./service.ts";

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("a service with rights to one Secret", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster();
  });
  afterAll(() => cluster?.close());

  test("reads and watches it by get and watch on its name alone, and the audit log names it", async () => {
    const { administrator, apiServer } = cluster;
    const reader = await createReader(cluster, "least", ["db"]);
    await administrator.createSecret("least", "db", { ...pairOf(1) });
    await using service = await startService(reader);
    expect(service.watch.latest.reveal()).toEqual(pairOf(1));
    await expect.poll(() => service.health().providers).toMatchObject([{ changes: "push", degraded: false }]);
    await administrator.replaceSecret("least", "db", { ...pairOf(2) });
    await service.rotations.until(2);
    await service[Symbol.asyncDispose]();
    const asked = readAudit(apiServer.auditFile).filter(({ user }) => user.username.endsWith("least:reader"));
    expect(new Set(asked.map(({ verb }) => verb))).toEqual(new Set(["get", "watch"]));
    expect(new Set(asked.map(({ objectRef }) => objectRef?.name))).toEqual(new Set(["db"]));
    expect(new Set(asked.map(({ responseStatus }) => responseStatus?.code))).toEqual(new Set([200]));
    expect(asked.every(({ userAgent }) => /^tacit\/\S+ e2e$/.test(userAgent ?? ""))).toBe(true);
  });

  test("polls, and says so, when it may get and not watch", async () => {
    const { administrator } = cluster;
    const reader = await createReader(cluster, "unwatched", ["db"], ["get"]);
    await administrator.createSecret("unwatched", "db", { ...pairOf(1) });
    await using service = await startService(reader);
    await expect.poll(() => service.health().providers).toMatchObject([{ changes: "poll", degraded: true }]);
    await administrator.replaceSecret("unwatched", "db", { ...pairOf(2) });
    await service.watch.refresh();
    expect(service.watch.latest.reveal()).toEqual(pairOf(2));
  });

  test("is told by diagnose of each right that it has and does not need, and of none that it needs", async () => {
    const { administrator } = cluster;
    const reader = await createReader(cluster, "mighty", ["db"]);
    await administrator.createSecret("mighty", "db", { ...pairOf(1) });
    await using service = await startService(reader);
    const rights = async () =>
      (await service.diagnose()).filter(({ code }) => code.startsWith("right-")).map(({ code }) => code);
    expect(await rights()).toEqual([]);
    const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] }];
    const subjects = [{ kind: "ServiceAccount", name: reader.account, namespace: "mighty" }];
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "mighty" };
    for (const namespace of ["mighty", "kube-system"]) {
      const metadata = { name: "mighty" };
      await administrator.rbac.createNamespacedRole({ namespace, body: { metadata, rules } });
      await administrator.rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } });
    }
    await expect.poll(rights).toEqual(["right-list", "right-sealing-keys"]);
    await administrator.rbac.createClusterRole({ body: { metadata: { name: "mighty" }, rules } });
    await administrator.rbac.createClusterRoleBinding({
      body: { metadata: { name: "mighty" }, roleRef: { ...roleRef, kind: "ClusterRole" }, subjects },
    });
    await expect.poll(rights).toEqual(["right-all-namespaces", "right-list"]);
  });

  test("keeps the last value while its right is taken away, and goes on when it is given back", async () => {
    const { administrator } = cluster;
    const reader = await createReader(cluster, "withdrawn", ["db"]);
    await administrator.createSecret("withdrawn", "db", { ...pairOf(1) });
    await using service = await startService(reader);
    const { watch } = service;
    const role = { namespace: "withdrawn", name: reader.account };
    const { rules = [] } = await administrator.rbac.readNamespacedRole(role);
    await administrator.rbac.deleteNamespacedRole(role);
    await expect.poll(() => watch.refresh().catch(({ code }) => code)).toBe("PERMISSION_DENIED");
    expect(watch.latest.reveal()).toEqual(pairOf(1));
    expect(service.health()).toMatchObject({ status: "degraded", secrets: [{ state: "denied" }] });
    await administrator.rbac.createNamespacedRole({ ...role, body: { metadata: { name: reader.account }, rules } });
    await administrator.replaceSecret("withdrawn", "db", { ...pairOf(2) });
    await expect.poll(async () => (await watch.refresh().catch(() => watch.latest)).reveal()).toEqual(pairOf(2));
    expect(service.health().status).toBe("ok");
  });

  test("tells of a deletion once, and of the Secret's return", async () => {
    const { administrator } = cluster;
    const reader = await createReader(cluster, "deleted", ["db"]);
    await administrator.createSecret("deleted", "db", { ...pairOf(1) });
    await using service = await startService(reader);
    const told: string[] = [];
    service.watch.on("delete", () => told.push("delete"));
    service.watch.on("change", ({ reason }) => told.push(reason));
    await administrator.core.deleteNamespacedSecret({ namespace: "deleted", name: "db" });
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(["delete"]);
    expect(service.watch.latest.reveal()).toEqual(pairOf(1));
    await administrator.createSecret("deleted", "db", { ...pairOf(2) });
    await service.rotations.until(2);
    expect(told).toEqual(["delete", "recreated"]);
  });
});
