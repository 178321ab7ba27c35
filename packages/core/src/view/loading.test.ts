import { expect, test } from "vitest";
import { declareSecrets, object } from "../index.ts";
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

test("a value that cannot be decoded is reported as refused once, however often it is polled", async () => {
  const declare = declareSecrets({ db: { ref: "db/primary", as: object(["username"]) } });
  const secrets = mockSecrets({ "db/primary": { username: "app" } }, { declare });
  let refused = 0;
  secrets.events.on("refused", () => {
    refused += 1;
  });
  await secrets.flush();
  secrets.set("db/primary", { user: "misspelt" });
  await secrets.advance(600_000);
  expect(refused).toBe(1);
  secrets.set("db/primary", { user: "misspelt again" });
  await secrets.flush();
  expect(refused).toBe(2);
});
