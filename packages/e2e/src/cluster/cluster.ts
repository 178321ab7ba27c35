import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { programPath } from "../programs/provided.ts";
import { type Administrator, createAdministrator } from "./administrator.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { type Etcd, startEtcd } from "./etcd.ts";
import { type Answer, ask } from "./request.ts";

/** A control plane without nodes: an API server and its store, for one test file. */
export interface Cluster extends AsyncDisposable {
  readonly etcd: Etcd;
  readonly apiServer: ApiServer;
  readonly administrator: Administrator;
  /** What the API server answers to a bearer of this token, for a path like `/api/v1/namespaces/a/secrets/b`. */
  get(path: string, token: string): Promise<Answer>;
  /** Ends both. What they wrote goes away with the test run. */
  close(): Promise<void>;
}

/** Starts one on free ports; resolves when it is ready, after about three seconds. The caller closes it. */
export async function openCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(inject("runFolder"), "cluster-"));
  const etcd = await startEtcd(programPath("etcd"), join(folder, "etcd"));
  try {
    const apiServer = await startApiServer(programPath("kube-apiserver"), join(folder, "api-server"), etcd.url);
    const { url, certificateAuthority } = apiServer;
    // In this order: an API server without its store takes long to end.
    const close = async (): Promise<void> => {
      await apiServer.process.kill();
      await etcd.process.kill();
    };
    return {
      etcd,
      apiServer,
      administrator: createAdministrator(apiServer),
      get: (path, token) => ask(url + path, { certificateAuthority, token }),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await etcd.process.kill();
    throw error;
  }
}
