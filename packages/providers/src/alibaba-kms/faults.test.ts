import { openFixture } from "../../test/alibaba-kms/fixture.ts";
import { isRead } from "../../test/alibaba-kms/harness.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { faultTargetOf } from "../../test/store-fixture.ts";

httpFaultSuite(
  "alibaba-kms",
  async () => {
    const fixture = await openFixture();
    const { double } = fixture;
    double.put("db", "s3cret-fixture");
    return faultTargetOf(fixture, {
      path: "db",
      asksForSecret: isRead,
      secrets: double.tokens,
    });
  },
  // A proxy that refuses knows nothing of the secret.
  { denied: { code: "INTERNAL", reason: "malformed-answer" } },
);
