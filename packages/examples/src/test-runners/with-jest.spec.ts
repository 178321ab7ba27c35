import { expect, test } from "@jest/globals";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { createApp, declared } from "../testing/app.ts";

test("the application follows a rotation", async () => {
  const secrets = mockSecrets(
    { "db/primary": { username: "app", password: "s3cret-fixture-1" } },
    { declare: declared },
  );
  const app = createApp(secrets);
  secrets.set("db/primary", { username: "app", password: "s3cret-fixture-2" });
  await secrets.flush();
  expect(app.login()).toBe("app:s3cret-fixture-2");
  assertNoLeak(secrets.health());
});
