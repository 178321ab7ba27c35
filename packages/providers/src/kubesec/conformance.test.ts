import { conformanceSuite } from "../../test/conformance-suite.ts";
import { kubesecHarness } from "../../test/kubesec/harness.ts";
import { encryptedFilesSupports } from "../shared/encrypted-files/open-encrypted-files.ts";

conformanceSuite("kubesec", await kubesecHarness(), { ...encryptedFilesSupports, payload: "fields" });
