import { type ConformanceHarness, conformanceReport, providerConformance } from "@tacit/core/conformance";
import type { Supports } from "@tacit/core/provider";
import { afterAll, describe, test } from "vitest";

/** Makes a test of each conformance case, prints the report after the last one and closes the harness. */
export function conformanceSuite(name: string, harness: ConformanceHarness, supports: Supports): void {
  describe(name, () => {
    const cases = providerConformance(harness, supports);
    const failed = new Set<string>();

    afterAll(async () => {
      process.stdout.write(conformanceReport(name, cases, failed));
      await harness.close();
    });

    test.for(cases)("$id: $title", async ({ id, skip, run }, context) => {
      if (skip !== undefined) context.skip(skip);
      failed.add(id);
      await run();
      failed.delete(id);
    });
  });
}
