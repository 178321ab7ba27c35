import { conformanceSuite } from "../../test/conformance-suite.ts";
import { fileHarness } from "../../test/file/harness.ts";
import { fileSupports } from "./provider.ts";

conformanceSuite("file, a volume", await fileHarness("volume"), fileSupports);
conformanceSuite("file, a plain directory", await fileHarness("plain"), fileSupports);
