import { openFixture } from "../../test/conjur/double.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { faultTargetOf } from "../../test/store-fixture.ts";

httpFaultSuite(
  "conjur",
  async () => {
    const fixture = await openFixture();
    const { double } = fixture;
    double.variables.set("db", Buffer.from("s3cret-fixture"));
    return faultTargetOf(fixture, {
      path: "db",
      asksForSecret: (request) => double.idsOf(request) !== undefined,
      secrets: [double.apiKey, "s3cret-fixture-signature"],
    });
  },
  { takesAnyBody: true },
);
