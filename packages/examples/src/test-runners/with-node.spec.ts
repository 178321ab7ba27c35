import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { mockSecrets } from "@tacit/core/testing";
import { createApp, declared } from "../testing/app.ts";

test("the application outlives an outage of its store", async () => {
  const secrets = mockSecrets({ "db/primary": { username: "app", password: "s3cret-fixture" } }, { declare: declared });
  const app = createApp(secrets);
  secrets.fail("db/primary", "UNAVAILABLE");
  await secrets.advance(3_600_000); // an hour, at once
  assert.equal(app.login(), "app:s3cret-fixture");
  assert.equal(app.isHealthy(), false);
});

test("the application works while timers are faked", async () => {
  mock.timers.enable();
  try {
    const secrets = mockSecrets(
      { "db/primary": { username: "app", password: "s3cret-fixture" } },
      { declare: declared },
    );
    await secrets.ready();
    secrets.set("db/primary", { username: "app", password: "s3cret-fixture-2" });
    await secrets.flush();
    assert.equal(createApp(secrets).login(), "app:s3cret-fixture-2");
  } finally {
    mock.timers.reset();
  }
});
