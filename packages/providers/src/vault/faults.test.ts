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
      // A standby may lead to the address that was asked, but to no name that is not listed.
      redirectOrigin: `http://localhost:${double.port}`,
      secrets: ["s3cret-fixture-password", ...double.tokens.made],
      close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
    };
  },
  // Vault always says in its own words that it denies: a bare 403 comes from something before it.
  { denied: { code: "INTERNAL", reason: "malformed-answer" } },
);
