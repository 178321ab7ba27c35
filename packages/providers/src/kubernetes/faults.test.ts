import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { openFixture, podNamespace } from "../../test/kubernetes/fixture.ts";

httpFaultSuite("kubernetes", async () => {
  const fixture = await openFixture();
  fixture.api.store.put(podNamespace, "db", { fields: { password: "s3cret-fixture" } });
  return {
    double: fixture.api,
    clock: fixture.clock,
    provider: await fixture.open(),
    path: "db",
    asksForSecret: ({ resource }) => resource === "secrets",
    async expireLogin(refuse) {
      const token = fixture.issue();
      if (!refuse) fixture.publish(token);
      return async () => fixture.publish(token);
    },
    secrets: fixture.tokens,
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
});
