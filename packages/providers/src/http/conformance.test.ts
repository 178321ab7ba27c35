import { conformanceSuite } from "../../test/conformance-suite.ts";
import { httpHarness } from "../../test/http/harness.ts";
import { httpSupports } from "./provider.ts";

for (const payload of ["value", "fields"] as const) {
  conformanceSuite(`http, ${payload}`, await httpHarness(payload), httpSupports({ payload }));
}
