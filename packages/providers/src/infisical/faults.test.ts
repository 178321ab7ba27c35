import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { openFixture } from "../../test/infisical/double.ts";
import { faultTargetOf } from "../../test/store-fixture.ts";

httpFaultSuite("infisical", async () => {
  const fixture = await openFixture();
  const { double } = fixture;
  double.secrets.set("/DB", ["s3cret-fixture"]);
  return faultTargetOf(fixture, {
    path: "DB",
    asksForSecret: ({ path }) => path.endsWith("/raw/DB"),
    secrets: ["s3cret-fixture-secret", "s3cret-fixture-token"],
  });
});
