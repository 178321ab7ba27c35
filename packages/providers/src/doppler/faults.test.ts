import { openFixture } from "../../test/doppler/double.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { faultTargetOf } from "../../test/store-fixture.ts";

httpFaultSuite("doppler", async () => {
  const fixture = await openFixture();
  const { double, file } = fixture;
  double.secrets.set("DB", "s3cret-fixture");
  return faultTargetOf(fixture, {
    path: "DB",
    asksForSecret: ({ path }) => path.endsWith("/download"),
    async expireLogin(refuse) {
      double.expireLogins();
      if (!refuse) file("token", double.token);
      return async () => void file("token", double.token);
    },
    secrets: ["dp.st.prd.s3cret-fixture"],
  });
});
