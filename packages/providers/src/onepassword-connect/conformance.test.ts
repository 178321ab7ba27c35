import { conformanceSuite } from "../../test/conformance-suite.ts";
import { onepasswordConnectHarness } from "../../test/onepassword-connect/harness.ts";
import { onepasswordConnectSupports } from "./provider.ts";

conformanceSuite("onepassword-connect", await onepasswordConnectHarness(), onepasswordConnectSupports);
