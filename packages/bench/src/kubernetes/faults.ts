import { setTimeout as sleep } from "node:timers/promises";
import type { BenchCluster } from "./bench-cluster.ts";
import type { FaultProxy } from "./fault-proxy.ts";
import type { Pod } from "./pod.ts";
import { statusOfRead } from "./status-of-read.ts";

/** Where a fault happens. */
export interface FaultScene {
  readonly cluster: BenchCluster;
  readonly namespace: string;
  readonly name: string;
  /** Of all contenders. */
  readonly pod: Pod;
  /** What stands before the API server; unused by faults of the server itself. */
  readonly proxy: FaultProxy;
  /** Of the account at the beginning. */
  readonly token: string;
}

/** Something that goes wrong, and is over when it resolves. */
export interface Fault {
  readonly title: string;
  /** How long a contender is given to see the next change. */
  readonly patienceMs: number;
  happen(scene: FaultScene): Promise<void>;
}

/** Between two attempts of a client that tries every 5 s, so that it is neither lucky nor unlucky. */
const outageMs = 12_500;

/** Of one watcher's way to the server, or of its rights: other namespaces do not notice. */
export const localFaults: readonly Fault[] = [
  { title: "connection reset", patienceMs: 60_000, happen: async ({ proxy }) => proxy.resetAll() },
  // Tacit gives up a silent watch after 150 s.
  { title: "connection dead without a sign", patienceMs: 160_000, happen: async ({ proxy }) => proxy.freezeAll() },
  { title: "429 with Retry-After for 12.5 s", patienceMs: 60_000, happen: ({ proxy }) => refuseFor(proxy, 429) },
  { title: "503 for 12.5 s", patienceMs: 60_000, happen: ({ proxy }) => refuseFor(proxy, 503) },
  { title: "token revoked, another one mounted", patienceMs: 90_000, happen: replaceToken },
  { title: "rights taken away for 12.5 s", patienceMs: 90_000, happen: revokeRights },
];

/** Of the server itself: everybody notices. */
export const serverFaults: readonly Fault[] = [
  { title: "server frozen for 35 s", patienceMs: 60_000, happen: freeze },
  { title: "server killed, back after 5 s", patienceMs: 60_000, happen: ({ cluster }) => restart(cluster, false) },
  {
    title: "the same, its history forgotten (410)",
    patienceMs: 60_000,
    happen: ({ cluster }) => restart(cluster, true),
  },
];

async function refuseFor(proxy: FaultProxy, status: number): Promise<void> {
  proxy.answer(status);
  proxy.resetAll();
  await sleep(outageMs);
  proxy.answer(undefined);
}

/** A watch that stands outlives its token, so its connection is reset as well. */
async function replaceToken(scene: FaultScene): Promise<void> {
  const { cluster, namespace, pod, proxy, token } = scene;
  const next = await cluster.administrator.replaceAccount(namespace);
  await untilStatus(scene, token, 401);
  pod.useToken(next);
  proxy.resetAll();
}

/** The same holds for rights. */
async function revokeRights(scene: FaultScene): Promise<void> {
  const { cluster, namespace, proxy, token } = scene;
  await cluster.administrator.revoke(namespace);
  await untilStatus(scene, token, 403);
  proxy.resetAll();
  await sleep(outageMs);
  await cluster.administrator.grant(namespace);
  await untilStatus(scene, token, 200);
}

/** The server goes on believing a token for ten seconds after it has seen it, and learns of rights a moment later. */
async function untilStatus({ cluster, namespace, name }: FaultScene, token: string, status: number): Promise<void> {
  const deadline = performance.now() + 30_000;
  while ((await statusOfRead(cluster.plane, namespace, name, token)) !== status) {
    if (performance.now() > deadline) throw new Error(`the API server did not come to answer ${status}`);
    await sleep(100);
  }
}

async function freeze({ cluster: { plane } }: FaultScene): Promise<void> {
  await plane.order("pause");
  await sleep(35_000);
  await plane.order("resume");
}

async function restart({ plane, administrator }: BenchCluster, isForgotten: boolean): Promise<void> {
  if (isForgotten) {
    // Something must have happened since the watches began, or there is nothing to forget.
    await administrator.createNamespace("bystander");
    await plane.order("compact");
  }
  await plane.order("kill");
  await sleep(5_000);
  await plane.order("start");
}
