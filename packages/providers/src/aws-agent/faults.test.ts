import { openAgentFixture } from "../../test/aws-agent/harness.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";

httpFaultSuite("aws-agent", async () => {
  const fixture = await openAgentFixture();
  const { double, secrets, clock } = fixture;
  secrets.put("db", "s3cret-fixture");
  return {
    double,
    clock,
    provider: await fixture.open(),
    path: "db",
    asksForSecret: () => true,
    secrets: double.made,
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
});
