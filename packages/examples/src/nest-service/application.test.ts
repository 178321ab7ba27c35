import type { INestApplication } from "@nestjs/common";
import { Test } from "@nestjs/testing";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { getSecretsToken } from "@tacit/nestjs";
import { afterEach, expect, test, vi } from "vitest";
import { AppModule, declared } from "./application.ts";
import { start } from "./start.ts";

let application: INestApplication | undefined;
let output = "";

afterEach(async () => {
  await application?.close();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  output = "";
});

function capture(): void {
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => {
      output += String(chunk);
      return true;
    });
  }
}

async function get(path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${await application?.getUrl()}/${path}`);
  return { status: response.status, text: await response.text() };
}

test("the service follows a rotation, and is ready while it has a value", async () => {
  const secrets = mockSecrets(
    { "db/primary": { username: "app", password: "s3cret-fixture-1" } },
    { declare: declared },
  );
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(getSecretsToken())
    .useValue(secrets)
    .compile();
  application = testing.createNestApplication();
  await application.listen(0, "127.0.0.1");
  expect(await get("")).toEqual({ status: 200, text: "connected as app" });

  capture();
  secrets.set("db/primary", { username: "app-2", password: "s3cret-fixture-2" });
  await secrets.flush();
  expect((await get("")).text).toBe("connected as app-2");
  secrets.fail("db/primary", "UNAVAILABLE");
  await secrets.advance(60_000);
  const ready = await get("readyz");
  expect([ready.status, JSON.parse(ready.text).info]).toEqual([200, { secrets: { status: "up", state: "degraded" } }]);
  assertNoLeak(output, ready.text);
});

test("the service starts on environment variables when no document says anything else", async () => {
  vi.stubEnv("TACIT_CONFIG", undefined);
  vi.stubEnv("DB_PRIMARY__USERNAME", "app");
  vi.stubEnv("DB_PRIMARY__PASSWORD", "s3cret-fixture-env");
  capture();
  application = await start(0);
  expect((await get("")).text).toBe("connected as app");
  expect(output).toContain("Nest application successfully started");
});
