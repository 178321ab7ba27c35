import { conformanceSuite } from "../../test/conformance-suite.ts";
import { infisicalHarness } from "../../test/infisical/harness.ts";
import { infisicalSupports } from "./provider.ts";

const projectSlug = "orders";
conformanceSuite("infisical", await infisicalHarness(projectSlug), infisicalSupports({ projectSlug }));
