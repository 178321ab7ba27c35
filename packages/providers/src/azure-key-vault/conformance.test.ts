import { azureKeyVaultHarness } from "../../test/azure-key-vault/harness.ts";
import { conformanceSuite } from "../../test/conformance-suite.ts";
import { azureKeyVaultSupports } from "./provider.ts";

conformanceSuite("azure-key-vault", await azureKeyVaultHarness(), azureKeyVaultSupports);
