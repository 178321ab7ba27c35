import { conformanceSuite } from "../../test/conformance-suite.ts";
import { envHarness } from "./harness.ts";
import { envSupports } from "./provider.ts";

conformanceSuite("env", await envHarness(), envSupports);
