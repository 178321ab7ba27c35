import { conformanceReport, providerConformance } from "@tacit/core/conformance";
import { afterAll, describe, test } from "vitest";
import { hasPrograms } from "../programs/provided.ts";
import { vaultHarness } from "./harness.ts";
import { vaultPrograms } from "./vault-program.ts";

const servers = vaultPrograms.filter(({ program }) => hasPrograms(program, "postgres"));
const versions = ["1", "2"] as const;
// The cases are known once there is something to try them on.
const suites = await Promise.all(servers.flatMap(suitesOf));

describe.skipIf(suites.length === 0)("vault, a real server", () => {
  describe.for(suites)("$title with KV version $version", ({ title, version, harness, cases }) => {
    const failed = new Set<string>();

    afterAll(async () => {
      process.stdout.write(conformanceReport(`${title}, KV version ${version}`, cases, failed));
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

function suitesOf({ program, title }: (typeof servers)[number]) {
  return versions.map(async (version) => {
    const harness = await vaultHarness(version, program);
    const provider = await harness.open();
    await provider.close?.();
    return { title, version, harness, cases: providerConformance(harness, provider.supports) };
  });
}
