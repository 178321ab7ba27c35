import { conformanceSuite } from "../../test/conformance-suite.ts";
import { conjurHarness } from "../../test/conjur/harness.ts";
import { conjurSupports } from "./provider.ts";

conformanceSuite("conjur", await conjurHarness(), conjurSupports);
