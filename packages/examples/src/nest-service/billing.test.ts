import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Test } from "@nestjs/testing";
import { getSecretToken } from "@tacit/nestjs";
import { mockSecretsModule } from "@tacit/nestjs/testing";
import { afterAll, expect, test } from "vitest";
import { declared } from "./application.ts";
import { billingModule } from "./billing.ts";

const root = mkdtempSync(join(tmpdir(), "tacit-nest-"));
afterAll(() => rmSync(root, { recursive: true }));

test("the second client reads the store that the first one's secret names", async () => {
  mkdirSync(join(root, "app/billing"), { recursive: true });
  writeFileSync(join(root, "app/billing/db"), "s3cret-fixture-billing");
  const { module } = mockSecretsModule(
    { "db/primary": { username: "app", password: "s3cret-fixture" } },
    { declare: declared },
  );
  const billing = billingModule((secrets) => ({
    providers: { mount: { use: "file", root: join(root, secrets.latest("db").reveal().username) } },
    routes: [{ match: "**", to: ["mount"] }],
  }));
  const testing = await Test.createTestingModule({ imports: [module, billing] }).compile();
  expect(testing.get(getSecretToken("db", "billing")).latest.reveal()).toBe("s3cret-fixture-billing");
  await testing.close();
});
