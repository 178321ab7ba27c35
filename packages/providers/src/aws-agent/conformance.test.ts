import { agentHarness } from "../../test/aws-agent/harness.ts";
import { conformanceSuite } from "../../test/conformance-suite.ts";
import { awsAgentSupports } from "./provider.ts";

for (const service of ["secretsmanager", "parameters"] as const)
  conformanceSuite(`aws-agent, ${service}`, await agentHarness(service), awsAgentSupports);
