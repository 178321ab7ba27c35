import "reflect-metadata";
import { Module } from "@nestjs/common";
import { Test } from "@nestjs/testing";
import { declareSecrets, type SecretWatch } from "@tacit/core";
import { mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { InjectSecret } from "../inject-secret.ts";
import { getSecretsToken, getSecretToken } from "../injection-tokens.ts";
import { TacitModule } from "../tacit-module.ts";
import { mockSecretsModule } from "./mock-secrets-module.ts";

const declare = declareSecrets({ db: { ref: "db/primary" } });

class Users {
  readonly #db: SecretWatch;
  constructor(db: SecretWatch) {
    this.#db = db;
  }
  login(): string {
    return this.#db.latest.reveal();
  }
}
InjectSecret("db")(Users, undefined, 0);

test("gives providers their secrets without the root module, and lets the test rotate them", async () => {
  const { module, secrets } = mockSecretsModule({ "db/primary": "s3cret-fixture-1" }, { declare });
  const testing = await Test.createTestingModule({ imports: [module], providers: [Users] }).compile();
  await testing.init();
  expect(testing.get(Users).login()).toBe("s3cret-fixture-1");
  secrets.set("db/primary", "s3cret-fixture-2");
  await secrets.flush();
  expect(testing.get(Users).login()).toBe("s3cret-fixture-2");
  await testing.close();
});

test("stands for a client of that name", async () => {
  const { module } = mockSecretsModule({ "db/primary": "s3cret-fixture" }, { declare, name: "billing" });
  const testing = await Test.createTestingModule({ imports: [module] }).compile();
  expect(testing.get(getSecretToken("db", "billing")).latest.reveal()).toBe("s3cret-fixture");
  await testing.close();
});

test("a mock takes the place of the client of a whole application, which then asks nobody for options", async () => {
  const useFactory = () => {
    throw new Error("production settings were read");
  };
  class AppModule {}
  Module({ imports: [TacitModule.forRootAsync({ declare, useFactory })], providers: [Users] })(AppModule);
  const secrets = mockSecrets({ "db/primary": "s3cret-fixture-1" }, { declare });
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(getSecretsToken())
    .useValue(secrets)
    .compile();
  await testing.init();
  expect(testing.get(Users).login()).toBe("s3cret-fixture-1");
  await testing.close();
  expect(secrets.health().status).toBe("ok");
});
