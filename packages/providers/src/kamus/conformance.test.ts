import { conformanceSuite } from "../../test/conformance-suite.ts";
import { kamusHarness } from "../../test/kamus/harness.ts";
import { encryptedFilesSupports } from "../shared/encrypted-files/open-encrypted-files.ts";

conformanceSuite("kamus", await kamusHarness(), encryptedFilesSupports);
