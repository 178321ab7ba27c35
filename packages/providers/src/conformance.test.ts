import { type ConformanceHarness, conformanceReport, providerConformance } from "@tacit/core/conformance";
import type { Supports } from "@tacit/core/provider";
import { afterAll, describe, test } from "vitest";
import { fileHarness } from "./file/harness.ts";
import { fileSupports } from "./file/provider.ts";

const subjects: readonly (readonly [name: string, harness: ConformanceHarness, supports: Supports])[] = [
  ["file, a volume", await fileHarness("volume"), fileSupports],
  ["file, a plain directory", await fileHarness("plain"), fileSupports],
];

describe.each(subjects)("%s", (name, harness, supports) => {
  const cases = providerConformance(harness, supports);
  const failed = new Set<string>();

  afterAll(async () => {
    process.stdout.write(conformanceReport(name, cases, failed));
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
});
