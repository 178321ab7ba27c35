import { conformanceSuite } from "../../test/conformance-suite.ts";
import { envHarness } from "../../test/env/harness.ts";
import { envSupports } from "./provider.ts";

conformanceSuite("env", await envHarness(), envSupports);
