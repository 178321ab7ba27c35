import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { openFixture } from "../../test/onepassword-connect/double.ts";
import { faultTargetOf } from "../../test/store-fixture.ts";

httpFaultSuite("onepassword-connect", async () => {
  const fixture = await openFixture();
  const { double, file } = fixture;
  const { id } = double.put("db", [{ label: "password", value: "s3cret-fixture" }]);
  return faultTargetOf(fixture, {
    path: "db",
    asksForSecret: ({ path }) => path.endsWith(`/items/${id}`),
    async expireLogin(refuse) {
      double.expireLogins();
      if (!refuse) file("token", double.token);
      return async () => void file("token", double.token);
    },
    secrets: ["s3cret-fixture-token"],
  });
});
