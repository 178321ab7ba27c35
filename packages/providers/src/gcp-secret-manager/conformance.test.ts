import { conformanceSuite } from "../../test/conformance-suite.ts";
import { gcpSecretManagerHarness } from "../../test/gcp-secret-manager/harness.ts";
import { gcpSecretManagerSupports } from "./provider.ts";

conformanceSuite("gcp-secret-manager", await gcpSecretManagerHarness(), gcpSecretManagerSupports);
