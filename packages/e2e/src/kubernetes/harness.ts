import { setTimeout as sleep } from "node:timers/promises";
import { type ConformanceHarness, openAdapter, type Undo } from "@tacit/core/conformance";
import type { SecretPayload } from "@tacit/core/provider";
import { adapters } from "@tacit/providers";
import type { Cluster } from "../cluster/cluster.ts";
import { createReader } from "./reader.ts";

const namespace = "conformance";

/** Lets the conformance cases loose on a real API server, which they freeze and kill; nobody else may use it meanwhile. */
export async function kubernetesHarness(cluster: Cluster): Promise<ConformanceHarness> {
  const { administrator, apiServer } = cluster;
  const { core, rbac } = administrator;
  const adapter = await adapters.kubernetes();
  const reader = await createReader(cluster, namespace, []);
  /** Names of the Secrets that there are. */
  const present = new Set<string>();
  const tokens = [reader.token];
  const options = (): Record<string, unknown> => ({ kubeconfig: reader.kubeconfig });
  const statusOf = async (name: string, token: string): Promise<number> =>
    (await cluster.get(`/api/v1/namespaces/${namespace}/secrets/${name}`, token)).status;

  /** Without names, every Secret of the namespace. */
  async function permit(names?: readonly string[]): Promise<void> {
    const rule = { apiGroups: [""], resources: ["secrets"], verbs: ["get", "watch"] };
    const rules = names === undefined ? [rule] : names.map((name) => ({ ...rule, resourceNames: [name] }));
    await rbac.replaceNamespacedRole({
      namespace,
      name: reader.account,
      body: { metadata: { name: reader.account }, rules },
    });
  }

  await permit();
  await until(async () => (await statusOf("absent", reader.token)) === 404);
  return {
    adapter,
    options,
    open: (o) => openAdapter(adapter, { ...options(), ...o?.options }, o?.host),
    path: (label) => `conformance-${label}`,
    async put(path, payload) {
      const body = { metadata: { name: path }, data: encoded(payload) };
      if (present.has(path)) await core.replaceNamespacedSecret({ namespace, name: path, body });
      else await core.createNamespacedSecret({ namespace, body });
      present.add(path);
    },
    async remove(path) {
      await core.deleteNamespacedSecret({ namespace, name: path });
      present.delete(path);
    },
    async deny(path): Promise<Undo> {
      await permit([...present].filter((name) => name !== path));
      await until(async () => (await statusOf(path, reader.token)) === 403);
      return async () => {
        await permit();
        await until(async () => (await statusOf(path, reader.token)) === 200);
      };
    },
    async sever(): Promise<Undo> {
      await apiServer.process.kill();
      return () => apiServer.start();
    },
    async stall(): Promise<Undo> {
      await apiServer.process.pause();
      return async () => apiServer.process.resume();
    },
    async expireLogin(o): Promise<Undo> {
      const { account, token } = reader;
      await core.deleteNamespacedServiceAccount({ namespace, name: account });
      await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: account } } });
      const next = await administrator.requestToken(namespace, account);
      tokens.push(next);
      if (o?.refuse !== true) reader.useToken(next);
      // The server remembers for ten seconds that it has believed a token.
      await until(async () => (await statusOf("absent", token)) === 401);
      return async () => reader.useToken(next);
    },
    credentials: () => tokens,
    acceptsField: (key) => {
      // Silently, so this is not about what is read.
      if (key === "__proto__") return "the official client, which writes here, drops that key";
      const isKey = /^[-._a-zA-Z0-9]{1,253}$/.test(key) && !key.startsWith("..");
      return isKey || "a key of a Secret holds letters, digits, -, _ and .";
    },
    async close() {
      await cluster.close();
    },
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error("the API server did not adopt a change within 20 s");
    await sleep(20);
  }
}

function encoded(payload: SecretPayload): Record<string, string> {
  if (payload.kind === "value") throw new Error("a Secret is fields");
  return Object.fromEntries([...payload.fields].map(([key, bytes]) => [key, Buffer.from(bytes).toString("base64")]));
}
