import { conformanceReport, providerConformance } from "@tacit/core/conformance";
import { afterAll, describe, test } from "vitest";
import { hasPrograms } from "../programs/provided.ts";
import { vaultHarness } from "./harness.ts";

const isPossible = hasPrograms("vault", "postgres");
// The cases are known once there is something to try them on.
const suites = isPossible ? await Promise.all([suiteOf("1"), suiteOf("2")]) : [];

describe.skipIf(!isPossible)("vault, a real server", () => {
  describe.for(suites)("with KV version $version", ({ version, harness, cases }) => {
    const failed = new Set<string>();

    afterAll(async () => {
      process.stdout.write(conformanceReport(`vault, KV version ${version}`, cases, failed));
      await harness.close();
    });

    test.for(cases)("$id: $title", async ({ id, skip, run }, context) => {
      if (skip !== undefined) context.skip(skip);
      failed.add(id);
      await run();
      failed.delete(id);
    });
  });
});

async function suiteOf(version: "1" | "2") {
  const harness = await vaultHarness(version);
  const provider = await harness.open();
  await provider.close?.();
  return { version, harness, cases: providerConformance(harness, provider.supports) };
}
