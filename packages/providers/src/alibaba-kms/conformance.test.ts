import { alibabaKmsHarness } from "../../test/alibaba-kms/harness.ts";
import { conformanceSuite } from "../../test/conformance-suite.ts";
import { alibabaKmsSupports } from "./provider.ts";

conformanceSuite("alibaba-kms", await alibabaKmsHarness(), alibabaKmsSupports);
