import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createVolume, swapVolume, temporaryRoot } from "../double/atomic-volume.ts";
import type { ControlPlane } from "./control-plane.ts";

/** What a process in a pod finds around it: its service account's files, and where the API server is. */
export interface Pod {
  /** As the kubelet sets them. */
  readonly variables: Readonly<Record<string, string>>;
  /** Runs the command that follows with the files at their place, in a mount namespace of its own. */
  readonly launcher: readonly string[];
  /** Swaps the files for those with another token, as the kubelet does. */
  useToken(token: string): void;
}

const mountPoint = "/run/secrets/kubernetes.io/serviceaccount";

/** Who is not root can be, in a user namespace where such are allowed. */
const unshare = process.getuid?.() === 0 ? ["unshare", "--mount"] : ["unshare", "--map-root-user", "--mount"];

/** @throws where this user may not make mount namespaces */
export function assertPods(): void {
  const [program = "", ...rest] = unshare;
  if (spawnSync(program, [...rest, "true"], { stdio: "ignore" }).status === 0) return;
  throw new Error("this user may not make mount namespaces, in which a service account's files would lie");
}

/**
 * Prepares a pod of a namespace.
 * @param url of the API server, or of what stands before it
 */
export function createPod({ certificateFolder }: ControlPlane, url: string, namespace: string, token: string): Pod {
  const files = join(temporaryRoot(), "account");
  const certificate = readFileSync(join(certificateFolder, "apiserver.crt"), "utf8");
  const filesWith = (current: string): Record<string, string> => ({ token: current, "ca.crt": certificate, namespace });
  let generation = 0;
  createVolume(files, filesWith(token));
  // In a namespace of its own, so nobody else sees an empty /run; /var/run is a link to it.
  const prepare = `mount -t tmpfs none /run && mkdir -p ${mountPoint} && mount --bind "$0" ${mountPoint} && exec "$@"`;
  const { hostname, port } = new URL(url);
  return {
    variables: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    launcher: [...unshare, "sh", "-c", prepare, files],
    useToken(next) {
      generation += 1;
      swapVolume(files, generation, filesWith(next));
    },
  };
}
