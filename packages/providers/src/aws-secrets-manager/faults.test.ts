import { openSecretsManagerFixture } from "../../test/aws-secrets-manager/harness.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";

httpFaultSuite("aws-secrets-manager", async () => {
  const fixture = await openSecretsManagerFixture();
  const { double, store, clock } = fixture;
  store.put("db", "s3cret-fixture");
  return {
    double,
    clock,
    provider: await fixture.open(),
    path: "db",
    asksForSecret: ({ action }) => action === "GetSecretValue",
    secrets: double.made,
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
});
