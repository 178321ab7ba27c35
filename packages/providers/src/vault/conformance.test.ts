import { conformanceReport, parseOptions, providerConformance } from "@tacit/core/conformance";
import { afterAll, describe, test } from "vitest";
import { vaultHarness } from "./harness.ts";
import type { VaultOptions } from "./options.ts";
import { vaultSupports } from "./supports.ts";

const engines = await Promise.all(
  (["kv-v1", "kv-v2"] as const).map(async (engine) => {
    const harness = await vaultHarness(engine);
    const options = (await parseOptions(harness.adapter, harness.options())) as VaultOptions;
    return [engine, harness, vaultSupports(options)] as const;
  }),
);

describe.each(engines)("%s", (engine, harness, supports) => {
  const cases = providerConformance(harness, supports);
  const failed = new Set<string>();

  afterAll(async () => {
    process.stdout.write(conformanceReport(`vault, ${engine}`, cases, failed));
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
