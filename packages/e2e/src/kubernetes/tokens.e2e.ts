import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { issueShortToken } from "../cluster/short-token.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createReader } from "./reader.ts";
import { startService } from "./service.ts";

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("a service whose token expires", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster();
  });
  afterAll(() => cluster?.close());

  /** The server goes on believing a token for ten seconds after it has seen it. */
  async function untilRefused(namespace: string, token: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/secrets/db`;
    await expect.poll(async () => (await cluster.get(path, token)).status, { timeout: 30_000 }).toBe(401);
  }

  test("takes up the new one without a failure", async () => {
    const { administrator } = cluster;
    const reader = await createReader(cluster, "renewed", ["db"]);
    await administrator.createSecret("renewed", "db", { ...pairOf(1) });
    const short = await issueShortToken(cluster, "renewed", reader.account, 3);
    reader.useToken(short);
    await using service = await startService(reader);
    const errors: string[] = [];
    service.watch.on("error", ({ code }) => errors.push(code));
    reader.useToken(await administrator.requestToken("renewed", reader.account));
    await untilRefused("renewed", short);
    await administrator.replaceSecret("renewed", "db", { ...pairOf(2) });
    await service.rotations.until(2);
    await service.watch.refresh();
    expect(errors).toEqual([]);
  });

  test("says UNAUTHENTICATED while there is no other, serves its last value, and recovers", async () => {
    const { administrator } = cluster;
    const reader = await createReader(cluster, "lapsed", ["db"]);
    await administrator.createSecret("lapsed", "db", { ...pairOf(1) });
    reader.useToken(await issueShortToken(cluster, "lapsed", reader.account, 3));
    await using service = await startService(reader);
    await untilRefused("lapsed", reader.token);
    const error = await service.watch.refresh().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(service.watch.latest.reveal()).toEqual(pairOf(1));
    await administrator.replaceSecret("lapsed", "db", { ...pairOf(2) });
    reader.useToken(await administrator.requestToken("lapsed", reader.account));
    await service.rotations.until(2);
    expect(service.health().status).toBe("ok");
  });
});
