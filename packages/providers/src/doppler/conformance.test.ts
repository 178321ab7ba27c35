import { conformanceSuite } from "../../test/conformance-suite.ts";
import { dopplerHarness } from "../../test/doppler/harness.ts";
import { dopplerSupports } from "./provider.ts";

conformanceSuite("doppler", await dopplerHarness(), dopplerSupports);
