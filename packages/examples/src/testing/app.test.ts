import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { createApp, declared } from "./app.ts";

const before = { username: "app", password: "s3cret-fixture-before" };
const after = { username: "app", password: "s3cret-fixture-after" };

test("the application follows a rotation, survives an outage, and recovers", async () => {
  const secrets = mockSecrets({ "db/primary": before }, { declare: declared });
  const events: unknown[] = [];
  secrets.events.on("error", (event) => events.push(event));
  const app = createApp(secrets);
  expect(app.login()).toBe("app:s3cret-fixture-before");

  secrets.set("db/primary", after);
  await secrets.flush();
  expect(app.login()).toBe("app:s3cret-fixture-after");

  secrets.fail("db/primary", "UNAVAILABLE");
  await secrets.advance(60_000);
  expect(app.login()).toBe("app:s3cret-fixture-after");
  expect(app.isHealthy()).toBe(false);

  secrets.set("db/primary", before);
  await secrets.advance(60_000);
  expect(app.login()).toBe("app:s3cret-fixture-before");
  expect(app.isHealthy()).toBe(true);

  expect(events).toHaveLength(1);
  assertNoLeak(events, secrets.health(), await secrets.diagnose());
});
