import "reflect-metadata";
import { Test } from "@nestjs/testing";
import { mockSecretsModule } from "@tacit/nestjs/testing";
import { declared, OrdersController } from "./application.js";

async function main(): Promise<void> {
  const before = { username: "app", password: "s3cret-fixture" };
  const { module, secrets } = mockSecretsModule({ db: before }, { declare: declared });
  const pool = { provide: "pool", useValue: "none" };
  const testing = await Test.createTestingModule({ imports: [module], providers: [OrdersController, pool] }).compile();
  await testing.init();
  secrets.set("db", { ...before, username: "app-2" });
  await secrets.flush();
  process.stdout.write(JSON.stringify(testing.get(OrdersController).read()));
  await testing.close();
}

void main();
