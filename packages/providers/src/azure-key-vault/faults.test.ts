import { openFixture } from "../../test/azure-key-vault/fixture.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { faultTargetOf } from "../../test/store-fixture.ts";

httpFaultSuite(
  "azure-key-vault",
  async () => {
    const fixture = await openFixture();
    const { double } = fixture;
    double.put("db", "s3cret-fixture");
    return faultTargetOf(fixture, {
      path: "db",
      asksForSecret: ({ path }) => path === "/secrets/db",
      secrets: double.entra.tokens,
    });
  },
  // A proxy that refuses knows nothing of the secret.
  { denied: { code: "INTERNAL", reason: "malformed-answer" } },
);
