import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { openCluster } from "../cluster/cluster.ts";
import { startService } from "../mounted/conversation.ts";
import { generationOf, pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { canMount, createPod } from "./pod.ts";
import { createReader } from "./reader.ts";

describe.skipIf(!hasPrograms("etcd", "kube-apiserver", "atomic-writer"))("a service in a pod", () => {
  test("finds the API server and its account by itself, and takes up a new token when the old one is refused", async (context) => {
    if (!canMount() && !process.env.CI) context.skip("this user may not make mount namespaces");
    await using cluster = await openCluster();
    const { administrator, apiServer } = cluster;
    const { account, namespace, token } = await createReader(cluster, "pod", ["db"]);
    await administrator.createSecret(namespace, "db", { ...pairOf(1) });
    await using pod = await createPod(mkdtempSync(join(inject("runFolder"), "pod-")), apiServer, namespace, token);
    const config = { providers: { cluster: { use: "kubernetes" } }, routes: [{ match: "**", to: ["cluster"] }] };
    const service = startService({ ...pod.variables, TACIT_CONFIG: JSON.stringify(config) }, pod.launcher);
    await service.until(({ kind }) => kind === "ready");
    const untilGeneration = (generation: number) =>
      service.until((answer) => answer.kind === "change" && generationOf(answer.pair) === generation);

    await administrator.replaceSecret(namespace, "db", { ...pairOf(2) });
    await untilGeneration(2);

    await administrator.core.deleteNamespacedServiceAccount({ namespace, name: account });
    await administrator.core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: account } } });
    const renewed = await administrator.requestToken(namespace, account);
    const path = `/api/v1/namespaces/${namespace}/secrets/db`;
    await expect.poll(async () => (await cluster.get(path, token)).status, { timeout: 20_000 }).toBe(401);
    await pod.useToken(renewed);
    await administrator.replaceSecret(namespace, "db", { ...pairOf(3) });
    await untilGeneration(3);

    const { exitCode, output } = await service.close();
    expect(exitCode).toBe(0);
    expect(output).toContain("[REDACTED:db]");
    for (const hidden of ["s3cret-fixture", token, renewed]) expect(output).not.toContain(hidden);
  });
});
