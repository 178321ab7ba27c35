import { mkdtempSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { loadYaml, type V1Deployment, type V1Pod, type V1PodSpec } from "@kubernetes/client-node";
import { createSecrets, declareSecrets, object } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { auditPolicyFile } from "../cluster/audit.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { applyManifest, readManifest } from "./apply-manifest.ts";
import { type CustomKind, defineKind } from "./custom-kind.ts";
import { writeKubeconfig } from "./kubeconfig.ts";

const folder = join(import.meta.dirname, "../../../examples/src/kubernetes");
/** All but the one of the API server itself, which every test here runs under. */
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml") && name !== basename(auditPolicyFile));
const declared = declareSecrets({ db: { ref: "db/primary", as: object(["username", "password"]) } });

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("the manifests of the examples", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster();
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await cluster.administrator.core.createNamespace({ body: { metadata: { name: "shop", labels } } });
    await defineKind(cluster, secretProviderClass);
  });
  afterAll(() => cluster?.close());

  test.each(files)("%s is accepted word for word", async (file) => {
    for (const manifest of readManifest(join(folder, file))) {
      const { status, body } = await applyManifest(cluster.apiServer, manifest);
      expect(body).toContain(`"kind":"${manifest.kind}"`);
      expect([200, 201]).toContain(status);
    }
  });

  test.each(files)("%s runs in a namespace of the restricted Pod Security Standard", async (file) => {
    const { core } = cluster.administrator;
    const manifests = readManifest(join(folder, file));
    for (const manifest of manifests) await applyManifest(cluster.apiServer, manifest);
    const deployment = manifests.find(({ kind }) => kind === "Deployment") as V1Deployment;
    const { spec } = deployment.spec?.template ?? {};
    const create = (securityContext = spec?.securityContext): Promise<unknown> => {
      const body = { metadata: { name: "orders" }, spec: { ...(spec as V1PodSpec), securityContext } } as V1Pod;
      return core.createNamespacedPod({ namespace: "shop", dryRun: "All", body });
    };
    await create();
    await expect(create({})).rejects.toMatchObject({ code: 403 });
  });

  test.each([
    ["a field that no API knows", "volume.yaml", /$/, "mistyped: true\n", /mistyped: field not declared in schema/],
    ["a list where text is meant", "csi.yaml", /objects: \|/, "objects:", /parameters\.objects: expected string/],
  ])("%s is refused, so the test above would notice one", async (_what, file, pattern, replacement, reason) => {
    const bodies: string[] = [];
    for (const manifest of readManifest(join(folder, file))) {
      const text = manifest.text.replace(pattern, replacement);
      if (text !== manifest.text) bodies.push((await applyManifest(cluster.apiServer, { ...manifest, text })).body);
    }
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) expect(body).toMatch(reason);
  });

  test("api.yaml lets its account read and watch its Secret by its document, and nothing else", async () => {
    const { administrator, apiServer } = cluster;
    const manifests = readManifest(join(folder, "api.yaml"));
    for (const manifest of manifests) expect((await applyManifest(apiServer, manifest)).status).toBeLessThan(300);
    await administrator.createSecret("shop", "db-primary", { ...pairOf(1) });
    await administrator.createSecret("shop", "other", { ...pairOf(1) });
    const token = await administrator.requestToken("shop", "orders");
    const kubeconfig = join(mkdtempSync(join(inject("runFolder"), "shop-")), "kubeconfig");
    writeKubeconfig(kubeconfig, apiServer, "shop", token);
    const document = manifests.find(({ kind }) => kind === "ConfigMap")?.data?.["tacit.yaml"] ?? "";
    const config = loadYaml<{ providers: { cluster: { use: string; kubeconfig?: string } } }>(document);
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
});

/** The kind of the Secrets Store CSI driver, as strict as its own definition in what our manifest uses. */
const secretProviderClass: CustomKind = {
  group: "secrets-store.csi.x-k8s.io",
  version: "v1",
  kind: "SecretProviderClass",
  spec: {
    type: "object",
    properties: {
      provider: { type: "string" },
      parameters: { type: "object", additionalProperties: { type: "string" } },
    },
  },
};
