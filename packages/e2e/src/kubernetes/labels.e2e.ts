import { createSecrets, declareSecrets, object } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAudit } from "../cluster/audit.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createReader, type Reader } from "./reader.ts";

const namespace = "labelled";
const as = object(["username", "password"]);
const declared = declareSecrets({
  first: { ref: "db-0", as },
  last: { ref: "db-44", as },
  bare: { ref: "bare", as },
});

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("a service that watches the Secrets with a label", () => {
  let cluster: Cluster;
  let reader: Reader;

  beforeAll(async () => {
    cluster = await openCluster();
    reader = await createReader(cluster, namespace, []);
    const { rbac } = cluster.administrator;
    const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] }];
    const role = { namespace, name: reader.account };
    await rbac.replaceNamespacedRole({ ...role, body: { metadata: { name: reader.account }, rules } });
    for (let index = 0; index < 45; index += 1) await write(`db-${index}`, 1, { team: "orders" });
    await write("bare", 1);
  });
  afterAll(() => cluster?.close());

  /** Makes a Secret, or replaces it. */
  async function write(name: string, generation: number, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const { core } = cluster.administrator;
    const body = { metadata: { name, labels: { ...labels } }, stringData: { ...pairOf(generation) } };
    await core
      .replaceNamespacedSecret({ namespace, name, body })
      .catch(() => core.createNamespacedSecret({ namespace, body }));
  }

  test("lists them by pages, hears of their changes through one connection, and says which one it does not hear of", async () => {
    const all = `/api/v1/namespaces/${namespace}/secrets?limit=1`;
    await expect.poll(async () => (await cluster.get(all, reader.token)).status, { timeout: 10_000 }).toBe(200);
    const provider = { use: "kubernetes", kubeconfig: reader.kubeconfig, labelSelector: "team=orders" };
    const config = { providers: { cluster: provider }, routes: [{ match: "**", to: ["cluster"] }] };
    const secrets = createSecrets({ adapters, declare: declared, config });
    const told: string[] = [];
    try {
      await secrets.ready();
      for (const alias of ["first", "last", "bare"] as const)
        secrets
          .watch(alias)
          .on("change", ({ reason, current }) => told.push(`${alias} ${reason} ${current.reveal().username}`));
      const findings = async () => (await secrets.diagnose()).filter(({ code }) => code === "label-missing");
      await secrets.getSecret("bare", { freshness: "fresh" });
      await expect.poll(() => secrets.health().providers).toMatchObject([{ changes: "poll", degraded: true }]);
      expect(await findings()).toMatchObject([{ message: expect.stringContaining('"bare" in "labelled"') }]);

      await write("bare", 1, { team: "orders" });
      await expect.poll(() => secrets.health().providers).toMatchObject([{ changes: "push", degraded: false }]);
      expect(await findings()).toEqual([]);
      await write("db-7", 2, { team: "orders" });
      await write("db-0", 2, { team: "orders" });
      await expect.poll(() => told, patient).toEqual(["first rotated user-2"]);
      await write("bare", 3, { team: "orders" });
      await expect.poll(() => told, patient).toEqual(["first rotated user-2", "bare rotated user-3"]);
      await write("db-44", 4, { team: "orders" });
      await expect.poll(() => told.at(-1), patient).toBe("last rotated user-4");

      await write("db-0", 2);
      await expect.poll(() => secrets.health().providers, patient).toMatchObject([{ changes: "poll", degraded: true }]);
      expect(await findings()).toMatchObject([{ message: expect.stringContaining('"db-0" in "labelled"') }]);
      expect(told).toHaveLength(3);
    } finally {
      await secrets.close();
    }
    const asked = readAudit(cluster.apiServer.auditFile).filter(({ user }) => user.username.endsWith(":reader"));
    const uris = (verb: string) =>
      asked
        .filter((entry) => entry.verb === verb && entry.userAgent?.startsWith("tacit/"))
        .map((one) => one.requestURI);
    const lists = uris("list").filter((uri) => uri.includes("limit=20"));
    expect(lists.map((uri) => uri.includes("continue="))).toEqual([false, true, true]);
    for (const uri of lists) expect(uri).toContain("labelSelector=team%3Dorders");
    expect(new Set(uris("watch")).size).toBe(1);
  });
});

const patient = { timeout: 10_000 };
