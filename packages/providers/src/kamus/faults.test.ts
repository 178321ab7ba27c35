import { writeFileSync } from "node:fs";
import { manualClock } from "@tacit/core/testing";
import { encryptedFixture } from "../../test/encrypted-fixture.ts";
import { httpFaultSuite } from "../../test/http-fault-suite.ts";
import { encryptItem, KamusDouble } from "../../test/kamus/double.ts";
import { kamus } from "./index.ts";

/** The least that the option takes. */
const settleMs = 20;

httpFaultSuite(
  "kamus",
  async () => {
    const double = new KamusDouble();
    await double.listen();
    const clock = manualClock(new Date());
    const fixture = encryptedFixture({ clock, random: () => 0 });
    const token = fixture.key(double.token);
    const provider = await fixture.open(kamus, { url: double.url, auth: { method: "service-account", token } });
    let files = 0;
    return {
      double,
      clock,
      provider: {
        ...provider,
        // A file is decrypted once: each read is one of another file, which has to settle first.
        async get(request, context) {
          files += 1;
          fixture.write(`db-${files}.kamus`, encryptItem("s3cret-fixture"));
          const reading = provider.get({ ...request, path: `db-${files}` }, context);
          let isOver = false;
          const end = (): void => {
            isOver = true;
          };
          reading.then(end, end);
          while (!isOver && clock.armed === 0) await new Promise(setImmediate);
          await clock.advance(settleMs);
          return reading;
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
