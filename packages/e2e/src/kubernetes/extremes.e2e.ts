import type { V1Secret } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { type Pair, pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createReader } from "./reader.ts";
import { type Service, startService } from "./service.ts";

const name = "db";
const mostBytes = 1024 * 1024;

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("a service that watches", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster();
  });
  afterAll(() => cluster?.close());

  /** What its watch tells, but for the first value. */
  function listen({ watch }: Service): readonly string[] {
    const told: string[] = [];
    watch.on("delete", () => told.push("delete"));
    watch.on("change", ({ reason }) => told.push(reason));
    return told;
  }

  async function untilPushed(service: Service): Promise<void> {
    await expect.poll(() => service.health().providers).toMatchObject([{ changes: "push", degraded: false }]);
  }

  test("a Secret of 1 MiB, the most that there can be, reads it whole and sees it change", async () => {
    const { core } = cluster.administrator;
    const reader = await createReader(cluster, "large", [name]);
    await core.createNamespacedSecret({ namespace: "large", body: secretOf(largePair("a")) });
    await using service = await startService(reader);
    expect(service.watch.latest.reveal()).toEqual(largePair("a"));
    await untilPushed(service);
    const told = listen(service);
    const { username, password } = largePair("b");
    const above = core.replaceNamespacedSecret({
      namespace: "large",
      name,
      body: secretOf({ username, password: `${password}b` }),
    });
    await expect(above).rejects.toMatchObject({ code: 422 });
    await core.replaceNamespacedSecret({ namespace: "large", name, body: secretOf({ username, password }) });
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(["rotated"]);
    expect(service.watch.latest.reveal()).toEqual(largePair("b"));
  });

  test("a Secret that becomes immutable sees no change, and then the one that takes its place", async () => {
    const { core } = cluster.administrator;
    const reader = await createReader(cluster, "immutable", [name]);
    const place = { namespace: "immutable", name };
    await core.createNamespacedSecret({ namespace: "immutable", body: secretOf(pairOf(1)) });
    await using service = await startService(reader);
    await untilPushed(service);
    const told = listen(service);
    await core.replaceNamespacedSecret({ ...place, body: { ...secretOf(pairOf(1)), immutable: true } });
    const refused = core.replaceNamespacedSecret({ ...place, body: secretOf(pairOf(2)) });
    await expect(refused).rejects.toMatchObject({ code: 422 });
    await service.watch.refresh();
    expect(told).toEqual([]);
    await core.deleteNamespacedSecret(place);
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(["delete"]);
    await core.createNamespacedSecret({
      namespace: "immutable",
      body: { ...secretOf(pairOf(3)), immutable: true },
    });
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(["delete", "recreated"]);
    expect(service.watch.latest.reveal()).toEqual(pairOf(3));
  });

  test("a Secret whose namespace goes, with the rights in it, finds both again when they are back", async () => {
    const { core } = cluster.administrator;
    const reader = await createReader(cluster, "tenant", []);
    await createLent();
    await using service = await startService(reader, { namespace: "lent" });
    await untilPushed(service);
    const told = listen(service);

    await core.deleteNamespace({ name: "lent" });
    // What the controllers of a whole cluster do then, which this one has not.
    await core.deleteNamespacedSecret({ namespace: "lent", name });
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(["delete"]);
    await cluster.administrator.rbac.deleteNamespacedRole({ namespace: "lent", name });
    await cluster.administrator.rbac.deleteNamespacedRoleBinding({ namespace: "lent", name });
    const namespace = await core.readNamespace({ name: "lent" });
    await core.replaceNamespaceFinalize({ name: "lent", body: { ...namespace, spec: { finalizers: [] } } });
    await expect.poll(() => service.watch.refresh().catch(({ code }) => code)).toBe("PERMISSION_DENIED");
    expect(service.watch.latest.reveal()).toEqual(pairOf(1));

    await createLent();
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(["delete", "recreated"]);
    await core.replaceNamespacedSecret({ namespace: "lent", name, body: secretOf(pairOf(2)) });
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(["delete", "recreated", "rotated"]);
    expect(service.watch.latest.reveal()).toEqual(pairOf(2));
  });

  /** A namespace that lets the reader of another one read its Secret. */
  async function createLent(): Promise<void> {
    const { administrator } = cluster;
    await administrator.createNamespace("lent");
    const metadata = { name };
    const rules = [{ apiGroups: [""], resources: ["secrets"], resourceNames: [name], verbs: ["get", "watch"] }];
    await administrator.rbac.createNamespacedRole({ namespace: "lent", body: { metadata, rules } });
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name };
    const subjects = [{ kind: "ServiceAccount", name: "reader", namespace: "tenant" }];
    await administrator.rbac.createNamespacedRoleBinding({ namespace: "lent", body: { metadata, roleRef, subjects } });
    await administrator.core.createNamespacedSecret({ namespace: "lent", body: secretOf(pairOf(1)) });
  }
});

/** As many bytes as the values of a Secret may have in all. */
function largePair(filling: string): Pair {
  return { username: "user", password: filling.repeat(mostBytes - "user".length) };
}

function secretOf({ username, password }: Pair): V1Secret {
  const encoded = (text: string): string => Buffer.from(text).toString("base64");
  return { metadata: { name }, data: { username: encoded(username), password: encoded(password) } };
}
