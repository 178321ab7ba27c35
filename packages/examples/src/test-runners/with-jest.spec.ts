import { afterEach, expect, jest, test } from "@jest/globals";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { createApp, declared } from "../testing/app.ts";

afterEach(() => {
  jest.useRealTimers();
});

test("the application works while timers are faked", async () => {
  jest.useFakeTimers();
  const secrets = mockSecrets({ "db/primary": { username: "app", password: "s3cret-fixture" } }, { declare: declared });
  await secrets.ready();
  const changes: string[] = [];
  secrets.watch("db").on("change", ({ reason }) => void changes.push(reason), { initial: true });
  secrets.set("db/primary", { username: "app", password: "s3cret-fixture-2" });
  await secrets.flush();
  await secrets.advance(60_000);
  expect(changes.at(-1)).toBe("rotated");
});

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
