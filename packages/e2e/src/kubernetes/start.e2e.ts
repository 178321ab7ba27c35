import { openAdapter } from "@tacit/core/conformance";
import type { Provider } from "@tacit/core/provider";
import { adapters } from "@tacit/providers";
import { expect, test } from "vitest";
import { openCluster } from "../cluster/cluster.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { createReader } from "./reader.ts";

const isPossible = hasPrograms("etcd", "kube-apiserver");

test.skipIf(!isPossible)(
  "a denial by an API server that starts is an outage, a lasting one is a missing right",
  async () => {
    await using cluster = await openCluster();
    const { administrator, apiServer } = cluster;
    const reader = await createReader(cluster, "starting", ["db"]);
    await administrator.createSecret("starting", "db", { ...pairOf(1) });
    await administrator.createSecret("starting", "other", { ...pairOf(1) });
    const provider = await openAdapter(await adapters.kubernetes(), { kubeconfig: reader.kubeconfig });
    expect(await outcomeOf(provider, "db")).toBe("ok");
    expect(await outcomeOf(provider, "other")).toBe("PERMISSION_DENIED");
    const outcomes = new Set<string>();
    for (const end of ["kill", "stop", "kill"] as const) {
      await apiServer.process[end]();
      let isStarted = false;
      const read = async (): Promise<void> => {
        while (!isStarted) outcomes.add(await outcomeOf(provider, "db"));
      };
      const reading = Promise.all(Array.from({ length: 8 }, read));
      await apiServer.start();
      isStarted = true;
      await reading;
    }
    expect([...outcomes].toSorted()).toEqual(["UNAVAILABLE", "ok"]);
    expect(await outcomeOf(provider, "other")).toBe("PERMISSION_DENIED");
    await provider.close?.();
  },
);

async function outcomeOf(provider: Provider, path: string): Promise<string> {
  const { signal } = new AbortController();
  return provider.get({ path, version: "current" }, { signal }).then(
    ({ status }) => status,
    ({ code }) => code,
  );
}
