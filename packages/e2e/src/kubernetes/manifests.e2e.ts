import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadYaml } from "@kubernetes/client-node";
import { createSecrets, declareSecrets, object } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { auditPolicy } from "../cluster/audit.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { applyManifest, readManifest } from "./apply-manifest.ts";
import { writeKubeconfig } from "./kubeconfig.ts";

const folder = join(import.meta.dirname, "../../../examples/src/kubernetes");
const declared = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("the manifests of the examples", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster();
    await cluster.administrator.createNamespace("shop");
  });
  afterAll(() => cluster?.close());

  test.each(["volume.yaml", "api.yaml"])("%s is accepted word for word", async (file) => {
    for (const manifest of readManifest(join(folder, file))) {
      const { status, body } = await applyManifest(cluster.apiServer, manifest, true);
      expect(body).toContain(`"kind":"${manifest.kind}"`);
      expect(status).toBe(201);
    }
  });

  test("a field that no API knows is refused, so the test above would notice one", async () => {
    const [first] = readManifest(join(folder, "volume.yaml"));
    if (first === undefined) throw new Error("no manifest");
    const { body } = await applyManifest(cluster.apiServer, { ...first, text: `${first.text}mistyped: true\n` }, true);
    expect(body).toMatch(/mistyped: field not declared in schema/);
  });

  test("api.yaml lets its account read and watch its Secret by its document, and nothing else", async () => {
    const { administrator, apiServer } = cluster;
    const manifests = readManifest(join(folder, "api.yaml"));
    for (const manifest of manifests) expect((await applyManifest(apiServer, manifest)).status).toBe(201);
    await administrator.createSecret("shop", "db-primary", { ...pairOf(1) });
    await administrator.createSecret("shop", "other", { ...pairOf(1) });
    const token = await administrator.requestToken("shop", "orders");
    const kubeconfig = join(mkdtempSync(join(inject("runFolder"), "shop-")), "kubeconfig");
    writeKubeconfig(kubeconfig, apiServer, "shop", token);
    const document = manifests.find(({ kind }) => kind === "ConfigMap")?.data?.["tacit.yaml"] ?? "";
    const config = loadYaml<{ providers: { cluster: Record<string, unknown> } }>(document);
    config.providers.cluster.kubeconfig = kubeconfig;
    const secrets = createSecrets({ adapters, declare: declared, config });
    try {
      await secrets.ready();
      await expect.poll(() => secrets.health().providers).toMatchObject([{ changes: "push", degraded: false }]);
      await administrator.replaceSecret("shop", "db-primary", { ...pairOf(2) });
      await expect.poll(() => secrets.latest("db").reveal()).toEqual(pairOf(2));
      expect((await secrets.diagnose()).filter(({ level }) => level === "error")).toEqual([]);
    } finally {
      await secrets.close();
    }
    for (const path of ["", "/other"]) {
      expect((await cluster.get(`/api/v1/namespaces/shop/secrets${path}`, token)).status).toBe(403);
    }
  });

  test("audit-policy.yaml is the policy by which every API server of these tests writes its audit log", () => {
    expect(loadYaml(readFileSync(join(folder, "audit-policy.yaml"), "utf8"))).toEqual(auditPolicy);
  });
});
