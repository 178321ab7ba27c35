import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPrograms } from "../programs/provided.ts";
import { readAudit } from "./audit.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { encryptionConfiguration, encryptionProvider, identity } from "./encryption.ts";

const fields = { username: "user-1", password: "s3cret-fixture-1" };

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("the real API server", () => {
  let cluster: Cluster;
  const secretPath = (namespace: string, name: string): string => `/api/v1/namespaces/${namespace}/secrets/${name}`;

  beforeAll(async () => {
    cluster = await openCluster();
  });
  afterAll(() => cluster?.close());

  test("gives a reader the Secrets that its Role names, and nothing else", async () => {
    const { administrator } = cluster;
    await administrator.createNamespace("rights");
    await administrator.createSecret("rights", "own", fields);
    await administrator.createSecret("rights", "other", fields);
    await administrator.createReader("rights", { account: "reader", secrets: ["own"], verbs: ["get", "watch"] });
    const token = await administrator.requestToken("rights", "reader");
    const statusOf = async (path: string, bearer = token): Promise<number> => (await cluster.get(path, bearer)).status;
    expect(await statusOf(secretPath("rights", "own"))).toBe(200);
    expect(await statusOf(secretPath("rights", "other"))).toBe(403);
    expect(await statusOf(secretPath("rights", "absent"))).toBe(403);
    expect(await statusOf("/api/v1/namespaces/rights/secrets")).toBe(403);
    expect(await statusOf(secretPath("rights", "own"), "no-such-token")).toBe(401);
  });

  test("notes who read which Secret, and nothing of what is in it", async () => {
    const { administrator, apiServer } = cluster;
    await administrator.createNamespace("audited");
    await administrator.createSecret("audited", "db", fields);
    await administrator.createReader("audited", { account: "reader", secrets: ["db"], verbs: ["get"] });
    const token = await administrator.requestToken("audited", "reader");
    await cluster.get(secretPath("audited", "db"), token);
    const reads = readAudit(apiServer.auditFile).filter(
      ({ verb, objectRef }) => verb === "get" && objectRef?.namespace === "audited",
    );
    expect(reads).toMatchObject([
      { user: { username: "system:serviceaccount:audited:reader" }, objectRef: { name: "db", resource: "secrets" } },
    ]);
    const everything = JSON.stringify(readAudit(apiServer.auditFile));
    for (const value of Object.values(fields)) {
      expect(everything).not.toContain(value);
      expect(everything).not.toContain(Buffer.from(value).toString("base64"));
    }
    expect(everything).not.toContain(token);
  });

  test("keeps its data, port and certificates when it is killed and started again", async () => {
    const { administrator, apiServer } = cluster;
    await administrator.createNamespace("restarted");
    await administrator.createSecret("restarted", "db", fields);
    await apiServer.process.kill();
    await expect(cluster.get("/readyz", apiServer.adminToken)).rejects.toThrow();
    await apiServer.start();
    expect((await cluster.get(secretPath("restarted", "db"), apiServer.adminToken)).status).toBe(200);
  });

  test("stores Secrets in the clear until it is told to encrypt them", async () => {
    const { administrator, apiServer, etcd } = cluster;
    await administrator.createNamespace("encrypted");
    await administrator.createSecret("encrypted", "db", fields);
    const stored = async (): Promise<string> => (await etcd.read("/registry/secrets/encrypted/db")).toString("latin1");
    expect(await stored()).toContain(fields.password);
    apiServer.encrypt(encryptionConfiguration(encryptionProvider("secretbox", "first"), identity));
    await apiServer.process.stop();
    await apiServer.start();
    await administrator.replaceSecret("encrypted", "db", fields);
    expect(await stored()).toMatch(/^k8s:enc:secretbox:v1:first:/);
    expect(await stored()).not.toContain(fields.password);
  });
});
