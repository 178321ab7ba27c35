import { conformanceSuite } from "../shared/conformance-suite.ts";
import { envHarness } from "./harness.ts";
import { envSupports } from "./provider.ts";

conformanceSuite("env", await envHarness(), envSupports);
