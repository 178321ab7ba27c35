import { parameterStoreHarness } from "../../test/aws-parameter-store/harness.ts";
import { conformanceSuite } from "../../test/conformance-suite.ts";
import { awsParameterStoreSupports } from "./provider.ts";

for (const layout of ["value", "hierarchy"] as const)
  conformanceSuite(
    `aws-parameter-store, ${layout}`,
    await parameterStoreHarness(layout),
    awsParameterStoreSupports({ layout }),
  );
