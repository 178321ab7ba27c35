import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { createSecrets, declareSecrets } from "@tacit/core";
import { mockSecrets } from "@tacit/core/testing";
import { adapters } from "@tacit/providers";
import sinon from "sinon";
import { createApp, declared } from "../testing/app.ts";

afterEach(() => sinon.restore());

test("the mock works while everything is faked", async () => {
  const fake = sinon.useFakeTimers();
  const secrets = mockSecrets({ "db/primary": { username: "app", password: "s3cret-fixture" } }, { declare: declared });
  await secrets.ready();
  secrets.set("db/primary", { username: "app", password: "s3cret-fixture-2" });
  await secrets.flush();
  assert.equal(createApp(secrets).login(), "app:s3cret-fixture-2");
  await secrets.close();
  fake.restore();
});

test("a real client loads and closes while timers are faked", async () => {
  process.env.DB_KEY = "s3cret-fixture";
  const fake = sinon.useFakeTimers({ toFake: ["setTimeout", "setInterval", "setImmediate", "Date"] });
  const declare = declareSecrets({ key: { ref: "db/key" } });
  const secrets = createSecrets({ adapters, declare });
  await secrets.ready();
  assert.equal(secrets.latest("key").reveal(), "s3cret-fixture");
  await secrets.close();
  fake.restore();
});
