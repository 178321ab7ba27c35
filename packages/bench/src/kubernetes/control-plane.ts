import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

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

/** The answers of the program, which is not imported: nothing may import the package that it is part of. */
type Answer =
  | { readonly kind: "ready"; readonly url: string; readonly certificateFolder: string; readonly adminToken: string }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed" };

const program = fileURLToPath(new URL("../../../e2e/src/cluster/cluster.process.ts", import.meta.url));

/**
 * Starts one on free ports; resolves when it is ready, after about three seconds. Disposing it ends both servers.
 * @throws with the reason where its programs are not installed
 */
export async function openControlPlane(): Promise<ControlPlane> {
  const child = fork(program, { execArgv: [] });
  try {
    const ready = await nextAnswer(child);
    if (ready.kind !== "ready")
      throw new Error(ready.kind === "absent" ? ready.reason : "the API server did not start");
    return {
      ...ready,
      async order(order) {
        child.send(order);
        const answer = await nextAnswer(child);
        if (answer.kind !== "done") throw new Error(`the API server could not ${order}`);
      },
      [Symbol.asyncDispose]: () => end(child),
    };
  } catch (error) {
    await end(child);
    throw error;
  }
}

async function nextAnswer(child: ChildProcess): Promise<Answer> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    const ended = once(child, "exit", { signal }).then((): [Answer] => [{ kind: "failed" }]);
    const [answer] = (await Promise.race([once(child, "message", { signal }), ended])) as [Answer];
    return answer;
  } finally {
    stop.abort();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  // It ends its servers when it is alone.
  if (child.connected) child.disconnect();
  await exited;
}
