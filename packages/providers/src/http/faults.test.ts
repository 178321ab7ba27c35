import { openFixture } from "../../test/http/double.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { faultTargetOf } from "../../test/store-fixture.ts";

httpFaultSuite(
  "http",
  async () => {
    const fixture = await openFixture();
    const { double, file } = fixture;
    fixture.options.payload = "fields";
    double.bodies.set("db", '{"password":"s3cret-fixture"}');
    return faultTargetOf(fixture, {
      path: "db",
      asksForSecret: ({ path }) => path === "/v1/db",
      async expireLogin(refuse) {
        double.expireLogins();
        if (!refuse) file("token", double.token);
        return async () => void file("token", double.token);
      },
      secrets: ["s3cret-fixture-token"],
    });
  },
  { "not-object": { code: "INVALID_VALUE", reason: "not-object" } },
);
