import { openFixture } from "../../test/gcp-secret-manager/fixture.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { faultTargetOf } from "../../test/store-fixture.ts";

httpFaultSuite(
  "gcp-secret-manager",
  async () => {
    const fixture = await openFixture();
    const { double } = fixture;
    double.put("db", "s3cret-fixture");
    return faultTargetOf(fixture, {
      path: "db",
      asksForSecret: ({ path }) => path.endsWith(":access"),
      secrets: double.tokens,
    });
  },
  // A proxy that refuses knows nothing of the secret.
  { denied: { code: "INTERNAL", reason: "malformed-answer" } },
);
