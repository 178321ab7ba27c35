import { conformanceReport, providerConformance } from "@tacit/core/conformance";
import { afterAll, test } from "vitest";
import { kubernetesHarness } from "./harness.ts";
import { kubernetesSupports } from "./provider.ts";

const harness = await kubernetesHarness();
const cases = providerConformance(harness, kubernetesSupports);
const failed = new Set<string>();

afterAll(async () => {
  process.stdout.write(conformanceReport("kubernetes", cases, failed));
  await harness.close();
});

for (const { id, title, skip, run } of cases) {
  test(`${id}: ${title}`, async (context) => {
    if (skip !== undefined) context.skip(skip);
    failed.add(id);
    await run();
    failed.delete(id);
  });
}
