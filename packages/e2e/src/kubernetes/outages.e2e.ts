import { describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createReader } from "./reader.ts";
import { type Service, startService } from "./service.ts";

const namespace = "outage";

// A server that starts refuses everybody until it has read its roles: a watch must not take that for its last word.
const title = "a service that watches while the API server";

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))(title, { concurrent: true }, () => {
  async function serve(cluster: Cluster): Promise<Service> {
    const reader = await createReader(cluster, namespace, ["db"]);
    await cluster.administrator.createSecret(namespace, "db", { ...pairOf(1) });
    const service = await startService(reader);
    await expect.poll(() => service.health().providers, patient).toMatchObject([{ changes: "push", degraded: false }]);
    return service;
  }

  async function rotate({ administrator }: Cluster, generation: number): Promise<void> {
    await administrator.replaceSecret(namespace, "db", { ...pairOf(generation) });
  }

  test("is killed and comes back finds what changed in between", async () => {
    await using cluster = await openCluster();
    await using service = await serve(cluster);
    await cluster.apiServer.process.kill();
    expect(service.watch.latest.reveal()).toEqual(pairOf(1));
    await cluster.apiServer.start();
    await rotate(cluster, 2);
    await service.rotations.until(2);
    await rotate(cluster, 3);
    await service.rotations.until(3);
    expect(service.rotations.seen).toEqual([2, 3]);
  });

  test("is asked to end and comes back finds what changed in between", async () => {
    await using cluster = await openCluster();
    await using service = await serve(cluster);
    await cluster.apiServer.process.stop();
    await cluster.apiServer.start();
    await rotate(cluster, 2);
    await service.rotations.until(2);
    expect(service.rotations.seen).toEqual([2]);
  });

  test("is frozen serves its last value, and goes on by the same watch after that", async () => {
    await using cluster = await openCluster();
    await using service = await serve(cluster);
    await cluster.apiServer.process.pause();
    await expect(service.watch.refresh()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(service.watch.latest.reveal()).toEqual(pairOf(1));
    expect(service.health().status).toBe("degraded");
    cluster.apiServer.process.resume();
    await rotate(cluster, 2);
    await service.rotations.until(2);
    expect(service.health().status).toBe("ok");
    expect(service.rotations.seen).toEqual([2]);
  });

  test("is frozen and then killed leaves its half-open connections", async () => {
    await using cluster = await openCluster();
    await using service = await serve(cluster);
    await cluster.apiServer.process.pause();
    await expect(service.watch.refresh()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await cluster.apiServer.process.kill();
    await cluster.apiServer.start();
    await rotate(cluster, 2);
    await service.rotations.until(2);
    expect(service.rotations.seen).toEqual([2]);
  });

  test("has forgotten the version that it watched from begins anew", async () => {
    await using cluster = await openCluster();
    await using service = await serve(cluster);
    const { apiServer, administrator, etcd } = cluster;
    await rotate(cluster, 2);
    await service.rotations.until(2);
    const { metadata } = await administrator.core.readNamespacedSecret({ namespace, name: "db" });
    await administrator.createSecret(namespace, "other", { ...pairOf(1) });
    await etcd.compact();
    await apiServer.process.kill();
    await apiServer.start();
    const watch = `/api/v1/namespaces/${namespace}/secrets?watch=true&timeoutSeconds=1`;
    const { body } = await cluster.get(`${watch}&resourceVersion=${metadata?.resourceVersion}`, apiServer.adminToken);
    expect(body).toContain('"code":410');
    await rotate(cluster, 3);
    await service.rotations.until(3);
    await rotate(cluster, 4);
    await service.rotations.until(4);
    expect(service.rotations.seen).toEqual([2, 3, 4]);
  });
});

const patient = { timeout: 20_000 };
