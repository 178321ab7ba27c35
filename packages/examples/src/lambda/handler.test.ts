import { mockSecrets } from "@tacit/core/testing";
import { expect, test, vi } from "vitest";
import { createHandler, declared } from "./handler.ts";

const pair = (username: string) => ({ username, password: "s3cret-fixture" });

test("each call answers with the value of its moment", async () => {
  const secrets = mockSecrets({ "db/primary": pair("app") }, { declare: declared });
  const handler = createHandler(secrets);
  expect(await handler()).toEqual({ statusCode: 200, body: "connected as app" });
  secrets.set("db/primary", pair("app-2"));
  await secrets.flush();
  expect(await handler()).toEqual({ statusCode: 200, body: "connected as app-2" });
});

test("a call reports what kept the instance from starting", async () => {
  vi.stubEnv("TACIT_CONFIG", undefined);
  vi.stubEnv("DB_PRIMARY__USERNAME", undefined);
  const { handler } = await import("./main.ts");
  await expect(handler()).rejects.toMatchObject({ code: "NOT_READY" });
  vi.unstubAllEnvs();
});
