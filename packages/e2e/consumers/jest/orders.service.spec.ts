import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Test } from "@nestjs/testing";
import type { SecretsOf } from "@tacit/core";
import { getSecretsToken, TacitModule } from "@tacit/nestjs";
import { mockSecretsModule } from "@tacit/nestjs/testing";
import { adapters } from "@tacit/providers";
import { declared, OrdersService } from "./orders.service";

const pair = (username: string) => ({ username, password: "s3cret-fixture" });

test("follows the mock", async () => {
  const { module, secrets } = mockSecretsModule({ db: pair("app") }, { declare: declared });
  const testing = await Test.createTestingModule({ imports: [module], providers: [OrdersService] }).compile();
  await testing.init();
  secrets.set("db", pair("app-2"));
  await secrets.flush();
  expect(testing.get(OrdersService).user()).toBe("app-2");
  await testing.close();
});

test("reads and follows a file, by a document in YAML", async () => {
  const root = mkdtempSync(join(tmpdir(), "jest-"));
  writeFileSync(join(root, "db.json"), JSON.stringify(pair("app")));
  const config = join(root, "tacit.yaml");
  writeFileSync(
    config,
    `providers:\n  mount: { use: file, root: ${root} }\nbindings:\n  db: { provider: mount, path: db.json }\n`,
  );
  const module = TacitModule.forRoot({ adapters, declare: declared, config });
  const testing = await Test.createTestingModule({ imports: [module], providers: [OrdersService] }).compile();
  await testing.init();
  const orders = testing.get(OrdersService);
  const secrets = testing.get<SecretsOf<typeof declared>>(getSecretsToken());
  expect(orders.user()).toBe("app");
  // A watch of the directory, which Jest has to load too, and no poll in its place.
  expect(secrets.health()).toMatchObject({ status: "ok", providers: [{ changes: "push" }] });
  const changed = new Promise((resolve) => {
    secrets.watch("db").on("change", resolve);
  });
  writeFileSync(join(root, "db.json"), JSON.stringify(pair("app-2")));
  await changed;
  expect(orders.user()).toBe("app-2");
  await testing.close();
}, 30_000);
