import { conformanceSuite } from "../../test/conformance-suite.ts";
import { cyberarkCcpHarness } from "../../test/cyberark-ccp/harness.ts";
import { cyberarkCcpSupports } from "./provider.ts";

conformanceSuite("cyberark-ccp", await cyberarkCcpHarness(), cyberarkCcpSupports);
