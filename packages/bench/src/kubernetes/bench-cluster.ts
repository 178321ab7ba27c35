import { type Absence, orAbsent } from "../bench.ts";
import { Administrator } from "./administrator.ts";
import { type ControlPlane, openControlPlane } from "./control-plane.ts";
import { assertPods, createPod, type Pod } from "./pod.ts";

/** A control plane with somebody who writes to it, and pods of it. */
export interface BenchCluster extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly administrator: Administrator;
  /**
   * Makes a namespace with Secrets of these names, and a pod in it that may read them by its token.
   * @param url of what stands before the API server; default itself
   */
  createPod(
    namespace: string,
    names: readonly string[],
    url?: string,
  ): Promise<{ readonly pod: Pod; readonly token: string }>;
}

/** Opens one; where this machine cannot, the reason is noted and nothing returned. */
export function openBenchCluster(absent: Absence[]): Promise<BenchCluster | undefined> {
  return orAbsent("kube-apiserver", absent, async () => {
    assertPods();
    const plane = await openControlPlane();
    const administrator = new Administrator(plane);
    return {
      plane,
      administrator,
      async createPod(namespace, names, url = plane.url) {
        const token = await administrator.createNamespace(namespace);
        for (const name of names) await administrator.createSecret(namespace, name);
        return { pod: createPod(plane, url, namespace, token), token };
      },
      [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose](),
    };
  });
}
