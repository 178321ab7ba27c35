import { openParameterStoreFixture } from "../../test/aws-parameter-store/harness.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";

httpFaultSuite("aws-parameter-store", async () => {
  const fixture = await openParameterStoreFixture();
  const { double, store, clock } = fixture;
  store.put("/db", "s3cret-fixture");
  return {
    double,
    clock,
    provider: await fixture.open(),
    path: "db",
    asksForSecret: ({ action }) => action === "GetParameter",
    secrets: double.made,
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
});
