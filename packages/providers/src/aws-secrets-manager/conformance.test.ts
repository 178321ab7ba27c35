import { secretsManagerHarness } from "../../test/aws-secrets-manager/harness.ts";
import { conformanceSuite } from "../../test/conformance-suite.ts";
import { awsSecretsManagerSupports } from "./provider.ts";

conformanceSuite("aws-secrets-manager", await secretsManagerHarness(), awsSecretsManagerSupports);
