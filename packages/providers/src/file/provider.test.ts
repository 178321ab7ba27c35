import { providerConformance } from "@tacit/core/conformance";
import { afterAll, describe, test } from "vitest";
import { fileHarness } from "./harness.ts";
import { fileSupports } from "./provider.ts";

describe.each(["volume", "plain"] as const)("a %s, as the contract wants it", async (layout) => {
  const harness = await fileHarness(layout);
  afterAll(() => harness.close());
  for (const { id, title, skip, run } of providerConformance(harness, fileSupports)) {
    test.skipIf(skip !== undefined)(
      `${id}: ${title}${skip === undefined ? "" : ` (${skip})`}`,
      { timeout: 20_000 },
      run,
    );
  }
});
