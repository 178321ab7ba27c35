import { Test } from "@nestjs/testing";
import { mockSecretsModule } from "@tacit/nestjs/testing";
import { expect, test } from "vitest";
import { declared, OrdersController } from "./application.ts";

const before = { username: "app", password: "s3cret-fixture-1" };
const after = { username: "app-2", password: "s3cret-fixture-2" };

test("a controller is tested without the root module", async () => {
  const { module, secrets } = mockSecretsModule({ "db/primary": before }, { declare: declared });
  const testing = await Test.createTestingModule({ imports: [module], providers: [OrdersController] }).compile();
  await testing.init(); // from here on, listeners hear of changes
  secrets.set("db/primary", after);
  await secrets.flush();
  expect(testing.get(OrdersController).connectedAs()).toBe("connected as app-2");
  await testing.close();
});
