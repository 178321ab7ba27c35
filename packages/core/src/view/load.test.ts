import { expect, test } from "vitest";
import { mockSecrets } from "../testing/index.ts";

test("a first load whose store never answers ends after 15 s, in the middle of an attempt", async () => {
  const secrets = mockSecrets();
  secrets.hang("db/primary");
  let settledAt = Number.NaN;
  const reading = secrets.getSecret("db/primary").catch((error: unknown) => {
    settledAt = secrets.clock.monotonic();
    return error;
  });
  for (let second = 0; second < 20; second += 1) await secrets.advance(1_000);
  expect(await reading).toMatchObject({ code: "UNAVAILABLE", reason: "timeout" });
  expect(settledAt).toBe(15_000);
  await secrets.close();
  expect(secrets.clock.armed).toBe(0);
});
