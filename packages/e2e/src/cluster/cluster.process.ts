import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../programs/find-program.ts";
import { type ProgramName, programs } from "../programs/programs.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { type Etcd, startEtcd } from "./etcd.ts";

/**
 * A control plane as a program, for the benches, which may not import this package. The parent sends orders over IPC and
 * gets one answer for each; the first answer comes unasked. It ends its servers when the parent goes away.
 */
export type ClusterOrder = "pause" | "resume" | "kill" | "start" | "compact" | "close";

/** What the parent is told. */
export type ClusterAnswer =
  | { readonly kind: "ready"; readonly url: string; readonly certificateFolder: string; readonly adminToken: string }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed" };

const folder = mkdtempSync(join(tmpdir(), "tacit-cluster-"));
let etcd: Etcd | undefined;
let apiServer: ApiServer | undefined;

/** Nothing is built here: that takes minutes, and belongs to a run of the tests. */
function installed(name: ProgramName): string | undefined {
  const program = programs.find((one) => one.name === name);
  return program === undefined ? undefined : findProgram(program);
}

async function open(): Promise<ClusterAnswer> {
  const etcdProgram = installed("etcd");
  const apiServerProgram = installed("kube-apiserver");
  if (etcdProgram === undefined || apiServerProgram === undefined) {
    return { kind: "absent", reason: "no etcd or no kube-apiserver is built: run `pnpm servers` once" };
  }
  etcd = await startEtcd(etcdProgram, join(folder, "etcd"));
  apiServer = await startApiServer(apiServerProgram, join(folder, "api-server"), etcd.url);
  const { url, adminToken } = apiServer;
  return { kind: "ready", url, certificateFolder: join(folder, "api-server/certificates"), adminToken };
}

async function carryOut(order: ClusterOrder): Promise<void> {
  if (order === "pause") await apiServer?.process.pause();
  else if (order === "resume") apiServer?.process.resume();
  else if (order === "kill") await apiServer?.process.kill();
  else if (order === "start") await apiServer?.start();
  else if (order === "compact") await etcd?.compact();
  else await close();
}

async function close(): Promise<void> {
  await apiServer?.process.kill();
  await etcd?.process.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** Orders are carried out one after the other. */
let queue = answering(open);

function answering(work: () => Promise<ClusterAnswer>): Promise<void> {
  return work()
    .catch((): ClusterAnswer => ({ kind: "failed" }))
    .then((answer) => void (process.connected && process.send?.(answer)));
}

process.on("message", (order: ClusterOrder) => {
  queue = queue.then(() =>
    answering(async () => {
      await carryOut(order);
      return { kind: "done" };
    }),
  );
});
process.once("disconnect", () => void queue.then(close).then(() => process.exit()));
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void close().then(() => process.exit(1)));
