import { conformanceSuite } from "../../test/conformance-suite.ts";
import { kubernetesHarness } from "../../test/kubernetes/harness.ts";
import { kubernetesSupports } from "./provider.ts";

conformanceSuite("kubernetes", await kubernetesHarness(), kubernetesSupports);
