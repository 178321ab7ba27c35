import { parseOptions } from "@tacit/core/conformance";
import { conformanceSuite } from "../../test/conformance-suite.ts";
import { vaultHarness } from "../../test/vault/harness.ts";
import type { VaultOptions } from "./options.ts";
import { vaultSupports } from "./provider.ts";

for (const engine of ["kv-v1", "kv-v2"] as const) {
  const harness = await vaultHarness(engine);
  const options = (await parseOptions(harness.adapter, harness.options())) as VaultOptions;
  conformanceSuite(`vault, ${engine}`, harness, vaultSupports(options));
}
