import { conformanceSuite } from "../shared/conformance-suite.ts";
import { kubernetesHarness } from "./harness.ts";
import { kubernetesSupports } from "./provider.ts";

conformanceSuite("kubernetes", await kubernetesHarness(), kubernetesSupports);
