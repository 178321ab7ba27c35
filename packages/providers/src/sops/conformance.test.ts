import { conformanceSuite } from "../../test/conformance-suite.ts";
import { sopsHarness } from "../../test/sops/harness.ts";
import { encryptedFilesSupports } from "../shared/encrypted-files/open-encrypted-files.ts";

conformanceSuite("sops", sopsHarness(), encryptedFilesSupports);
