import { writeFileSync } from "node:fs";
import { manualClock } from "@tacit/core/testing";
import { encryptedFixture } from "../../test/encrypted-fixture.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { encryptItem, KamusDouble } from "../../test/kamus/double.ts";
import { kamus } from "./index.ts";

const hourMs = 3_600_000;

httpFaultSuite(
  "kamus",
  async () => {
    const double = new KamusDouble();
    await double.listen();
    // Ahead, so that whatever is written here has settled long ago.
    const clock = manualClock(new Date(Date.now() + hourMs));
    const fixture = encryptedFixture({ clock, random: () => 0 });
    const token = fixture.key(double.token);
    const provider = await fixture.open(kamus, { url: double.url, auth: { method: "service-account", token } });
    let files = 0;
    return {
      double,
      clock,
      provider: {
        ...provider,
        // A file is decrypted once: each read is one of another file.
        get(request, context) {
          files += 1;
          fixture.write(`db-${files}.kamus`, encryptItem("s3cret-fixture"));
          return provider.get({ ...request, path: `db-${files}` }, context);
        },
      },
      path: "db",
      asksForSecret: ({ path }) => path === "/api/v1/decrypt",
      async expireLogin(refuse) {
        double.token = `s3cret-fixture-token-${double.requests.length}`;
        if (!refuse) writeFileSync(token.$file, double.token);
        return async () => writeFileSync(token.$file, double.token);
      },
      secrets: ["s3cret-fixture-token"],
      async close() {
        await fixture[Symbol.asyncDispose]();
        await double.close();
      },
    };
  },
  { takesAnyBody: true },
);
