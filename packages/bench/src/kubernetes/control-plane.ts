import { fileURLToPath } from "node:url";
import { openProgram } from "../measure/server-program.ts";

/** What can be done to a control plane. */
export type ControlPlaneOrder = "pause" | "resume" | "kill" | "start" | "compact";

/** A real kube-apiserver and its store, in processes of their own. */
export interface ControlPlane extends AsyncDisposable {
  readonly url: string;
  /** Holds `apiserver.crt`, which clients trust, and `apiserver.key`. */
  readonly certificateFolder: string;
  /** Of a member of `system:masters`. */
  readonly adminToken: string;
  /** Pauses, resumes, kills or starts the API server, or makes its store forget old revisions; resolves when it is done. */
  order(order: ControlPlaneOrder): Promise<void>;
}

const program = fileURLToPath(new URL("../../../e2e/src/cluster/cluster.process.ts", import.meta.url));

/**
 * Starts one on free ports; resolves when it is ready, after about three seconds. Disposing it ends both servers.
 * @throws with the reason where its programs are not installed
 */
export async function openControlPlane(): Promise<ControlPlane> {
  const running = await openProgram<Pick<ControlPlane, "url" | "certificateFolder" | "adminToken">>(
    program,
    "the API server",
  );
  return {
    ...running.ready,
    order: (order) => running.order(order),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
