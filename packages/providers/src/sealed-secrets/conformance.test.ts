import { conformanceSuite } from "../../test/conformance-suite.ts";
import { sealedSecretsHarness } from "../../test/sealed-secrets/harness.ts";
import { encryptedFilesSupports } from "../shared/encrypted-files/open-encrypted-files.ts";

conformanceSuite("sealed-secrets", sealedSecretsHarness(), { ...encryptedFilesSupports, payload: "fields" });
