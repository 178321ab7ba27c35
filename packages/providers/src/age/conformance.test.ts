import { ageHarness } from "../../test/age/harness.ts";
import { conformanceSuite } from "../../test/conformance-suite.ts";
import { encryptedFilesSupports } from "../shared/encrypted-files/open-encrypted-files.ts";

conformanceSuite("age", ageHarness(), encryptedFilesSupports);
