// @vitest-environment happy-dom
import { createSecrets } from "@tacit/core";
import { mockSecrets } from "@tacit/core/testing";
import { adapters } from "@tacit/providers";
import { afterEach, expect, test, vi } from "vitest";
import { createApp, declared } from "../testing/app.ts";

const pair = (password: string) => ({ username: "app", password });

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

test("the mock follows a rotation in a simulated browser, with faked timers too", async () => {
  expect("document" in globalThis).toBe(true);
  vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate", "queueMicrotask", "Date", "performance"] });
  const secrets = mockSecrets({ "db/primary": pair("s3cret-fixture-1") }, { declare: declared });
  await secrets.ready();
  secrets.set("db/primary", pair("s3cret-fixture-2"));
  await secrets.flush();
  expect(createApp(secrets).login()).toBe("app:s3cret-fixture-2");
});

test("a real client works in a simulated browser, aborts and timeouts among it", async () => {
  vi.stubEnv("DB_KEY", "s3cret-fixture");
  const secrets = createSecrets({ adapters, declare: { key: { ref: "db/key" } } });
  const { signal } = new AbortController();
  await secrets.ready({ signal, timeout: "5s" });
  expect((await secrets.getSecret("key", { signal, timeout: "5s" })).reveal()).toBe("s3cret-fixture");
  await secrets.close();
});
