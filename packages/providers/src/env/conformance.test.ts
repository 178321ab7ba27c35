import { conformanceReport, providerConformance } from "@tacit/core/conformance";
import { afterAll, test } from "vitest";
import { envHarness } from "./harness.ts";
import { envSupports } from "./provider.ts";

const harness = await envHarness();
const cases = providerConformance(harness, envSupports);
const failed = new Set<string>();

afterAll(async () => {
  process.stdout.write(conformanceReport("env", cases, failed));
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
