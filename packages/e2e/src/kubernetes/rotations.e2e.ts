import { setTimeout as sleep } from "node:timers/promises";
import { openAdapter } from "@tacit/core/conformance";
import type { Provider } from "@tacit/core/provider";
import { adapters } from "@tacit/providers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { pairOf } from "../mounted/pair.ts";
import { hasPrograms } from "../programs/provided.ts";
import { isRising } from "../rotation/rotation-log.ts";
import { createReader } from "./reader.ts";
import { startService } from "./service.ts";

const watches = Array.from({ length: 10 }, (_, index) => index);
const generations = Array.from({ length: 200 }, (_, index) => index + 1);

describe.skipIf(!hasPrograms("etcd", "kube-apiserver"))("ten watches of one Secret", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster();
  });
  afterAll(() => cluster?.close());

  test("are each told of each of 200 rotations that are apart, and read it at once", async () => {
    const { administrator } = cluster;
    const reader = await createReader(cluster, "apart", ["db"]);
    await administrator.createSecret("apart", "db", { ...pairOf(0) });
    const adapter = await adapters.kubernetes();
    const providers = await Promise.all(watches.map(() => openAdapter(adapter, { kubeconfig: reader.kubeconfig })));
    const { signal } = new AbortController();
    let hints = providers.map(() => Promise.withResolvers<void>());
    const subscriptions = await Promise.all(
      providers.map((provider, index) => provider.subscribe?.(["db"], () => hints[index]?.resolve(), { signal })),
    );
    for (const generation of generations) {
      await administrator.replaceSecret("apart", "db", { ...pairOf(generation) });
      await Promise.all(hints.map(({ promise }) => promise));
      hints = providers.map(() => Promise.withResolvers<void>());
      const found = await Promise.all(providers.map((provider) => passwordOf(provider)));
      expect(new Set(found)).toEqual(new Set([pairOf(generation).password]));
    }
    await Promise.all(subscriptions.map((subscription) => subscription?.[Symbol.asyncDispose]()));
    await Promise.all(providers.map((provider) => provider.close?.()));
  });

  test("end on the last of 200 rotations in a row, and show none torn, out of order or twice", async () => {
    const { administrator } = cluster;
    const reader = await createReader(cluster, "in-a-row", ["db"]);
    await administrator.createSecret("in-a-row", "db", { ...pairOf(0) });
    const services = await Promise.all(watches.map(() => startService(reader)));
    for (const generation of generations) {
      await administrator.replaceSecret("in-a-row", "db", { ...pairOf(generation) });
      await sleep(20);
    }
    await Promise.all(services.map(({ rotations }) => rotations.until(200)));
    for (const { rotations, watch } of services) {
      expect(isRising(rotations.seen)).toBe(true);
      expect(rotations.seen.length).toBeGreaterThan(2);
      expect(watch.latest.reveal()).toEqual(pairOf(200));
    }
    await Promise.all(services.map((service) => service[Symbol.asyncDispose]()));
  });
});

async function passwordOf(provider: Provider): Promise<string> {
  const { signal } = new AbortController();
  const result = await provider.get({ path: "db", version: "current" }, { signal });
  if (result.status !== "ok" || result.payload.kind !== "fields") throw new Error(`db is ${result.status}`);
  return Buffer.from(result.payload.fields.get("password") ?? []).toString();
}
