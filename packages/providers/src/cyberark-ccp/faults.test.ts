import { openFixture } from "../../test/cyberark-ccp/double.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { faultTargetOf } from "../../test/store-fixture.ts";

httpFaultSuite(
  "cyberark-ccp",
  async () => {
    const fixture = await openFixture();
    const { double } = fixture;
    double.accounts.set("Orders/db", '"Content":"s3cret-fixture"');
    return faultTargetOf(fixture, {
      path: "db",
      asksForSecret: ({ query }) => query.Object === "db",
      secrets: [],
    });
  },
  // It always says in its own words that it denies: a bare 403 is that of the web server, which misses a certificate.
  {
    denied: { code: "UNAUTHENTICATED", reason: "login-refused" },
    "html-403": { code: "UNAUTHENTICATED", reason: "login-refused" },
  },
);
