import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { openFixture } from "../../test/vault/fixture.ts";

httpFaultSuite(
  "vault",
  async () => {
    const fixture = await openFixture();
    const { double, kv2, clock } = fixture;
    kv2.put("db", '{"password":"s3cret-fixture"}');
    return {
      double,
      clock,
      provider: await fixture.open(),
      path: "db",
      asksForSecret: ({ path }) => path === "secret/data/db",
      // A standby may redirect to the configured address, but not to a host that is not listed.
      redirectOrigin: `http://localhost:${double.port}`,
      secrets: ["s3cret-fixture-password", ...double.tokens.made],
      close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
    };
  },
  // A denial of Vault always has a message; a 403 without one comes from a proxy.
  { denied: { code: "INTERNAL", reason: "malformed-answer" } },
);
