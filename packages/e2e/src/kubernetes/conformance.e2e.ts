import { type ConformanceHarness, conformanceReport, providerConformance } from "@tacit/core/conformance";
import type { Supports } from "@tacit/core/provider";
import { afterAll, describe, test } from "vitest";
import { openCluster } from "../cluster/cluster.ts";
import { hasPrograms } from "../programs/provided.ts";
import { kubernetesHarness } from "./harness.ts";

const isPossible = hasPrograms("etcd", "kube-apiserver");
// The cases are known once there is something to try them on.
const harness = isPossible ? await kubernetesHarness(await openCluster()) : undefined;
const cases = harness === undefined ? [] : providerConformance(harness, await supportsOf(harness));

describe.skipIf(!isPossible)("kubernetes, a real API server", () => {
  const failed = new Set<string>();

  afterAll(async () => {
    process.stdout.write(conformanceReport("kubernetes", cases, failed));
    await harness?.close();
  });

  test.for(cases)("$id: $title", async ({ id, skip, run }, context) => {
    if (skip !== undefined) context.skip(skip);
    failed.add(id);
    await run();
    failed.delete(id);
  });
});

async function supportsOf({ open }: ConformanceHarness): Promise<Supports> {
  const provider = await open();
  await provider.close?.();
  return provider.supports;
}
