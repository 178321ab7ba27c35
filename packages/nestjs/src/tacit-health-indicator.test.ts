import "reflect-metadata";
import { Controller, Get, type INestApplication, Inject, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { HealthCheckService, TerminusModule } from "@nestjs/terminus";
import { declareSecrets } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TacitHealthIndicator, type TacitHealthOptions } from "./tacit-health-indicator.ts";
import { TacitModule } from "./tacit-module.ts";

const declare = declareSecrets({ db: { ref: "db/primary" } });
let secrets: ReturnType<typeof createMock>;
let application: INestApplication | undefined;

beforeEach(() => {
  secrets = createMock();
});
afterEach(async () => await application?.close());

function createMock() {
  return mockSecrets({ "db/primary": "s3cret-fixture" }, { declare, maxStale: 600_000 });
}

async function serve(options: TacitHealthOptions = {}): Promise<() => Promise<{ status: number; text: string }>> {
  class HealthController {
    readonly #health: HealthCheckService;
    readonly #secrets: TacitHealthIndicator;
    constructor(health: HealthCheckService, indicator: TacitHealthIndicator) {
      this.#health = health;
      this.#secrets = indicator;
    }
    ready() {
      return this.#health.check([() => this.#secrets.isHealthy("secrets", options)]);
    }
  }
  Inject(HealthCheckService)(HealthController, undefined, 0);
  Inject(TacitHealthIndicator)(HealthController, undefined, 1);
  const descriptor = Object.getOwnPropertyDescriptor(HealthController.prototype, "ready");
  Get()(HealthController.prototype, "ready", descriptor ?? {});
  Controller("readyz")(HealthController);
  class HealthModule {}
  Module({ imports: [TerminusModule.forRoot({ logger: false })], controllers: [HealthController] })(HealthModule);
  class AppModule {}
  const { client: name } = options;
  const root = { secrets, declare, ...(name === undefined ? {} : { name }) };
  Module({ imports: [HealthModule, TacitModule.forRoot(root)] })(AppModule);
  application = await NestFactory.create(AppModule, { logger: false });
  await application.listen(0, "127.0.0.1");
  const url = `${await application.getUrl()}/readyz`;
  return async () => {
    const response = await fetch(url);
    return { status: response.status, text: await response.text() };
  };
}

describe("the health indicator", () => {
  test("is up while everything is served, and names nothing", async () => {
    const { status, text } = await (await serve())();
    expect(status).toBe(200);
    expect(JSON.parse(text).info).toEqual({ secrets: { status: "up", state: "ok" } });
    expect(text).not.toContain("db");
  });

  test("stays up while the client is degraded, and is down once a value may no longer be served", async () => {
    const ask = await serve();
    secrets.fail("db/primary", "UNAVAILABLE");
    await secrets.advance(60_000);
    const degraded = await ask();
    expect([degraded.status, JSON.parse(degraded.text).info.secrets]).toEqual([
      200,
      { status: "up", state: "degraded" },
    ]);
    await secrets.advance(3_600_000);
    const down = await ask();
    expect([down.status, JSON.parse(down.text).error.secrets]).toEqual([503, { status: "down", state: "down" }]);
    expect(down.text).not.toContain("db");
    secrets.set("db/primary", "s3cret-fixture-2");
    await secrets.advance(600_000);
    expect((await ask()).status).toBe(200);
  });

  test("is down once the client is closed", async () => {
    const ask = await serve();
    await secrets.close();
    expect((await ask()).status).toBe(503);
  });

  test("names secrets and providers when asked to, and never shows a value", async () => {
    const ask = await serve({ names: true });
    secrets.fail("db/primary", "PERMISSION_DENIED");
    await secrets.advance(60_000);
    secrets.latest("db").reveal();
    const { text } = await ask();
    expect(JSON.parse(text).info.secrets).toMatchObject({
      secrets: [{ alias: "db", state: "denied", code: "PERMISSION_DENIED" }],
      providers: [{ name: "mock" }],
    });
    assertNoLeak(text);
  });

  test("asks the client that is named", async () => {
    expect((await (await serve({ client: "billing" }))()).status).toBe(200);
  });
});
