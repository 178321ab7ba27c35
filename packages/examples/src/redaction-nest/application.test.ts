import { Controller, Get, Logger, Module } from "@nestjs/common";
import { declareSecrets } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { afterEach, expect, test, vi } from "vitest";
import { createApplication } from "./application.ts";

const declare = declareSecrets({ payments: { ref: "payments/token" } });
const secrets = mockSecrets({ "payments/token": "s3cret-fixture" }, { declare });

class PaymentsController {
  readonly #logger = new Logger("Payments");
  pay(): never {
    const token = secrets.latest("payments").reveal();
    this.#logger.log("paying", { headers: { authorization: `Bearer ${token}` } });
    throw new Error(`403 for ${token}`);
  }
}
const pay = Object.getOwnPropertyDescriptor(PaymentsController.prototype, "pay");
Get()(PaymentsController.prototype, "pay", pay ?? {});
Controller("pay")(PaymentsController);

class AppModule {}
Module({ controllers: [PaymentsController] })(AppModule);

afterEach(() => {
  vi.restoreAllMocks();
});

test("neither a line of a controller nor the error it throws shows the token", async () => {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  }
  const application = await createApplication(AppModule, secrets.redactor);
  await application.listen(0, "127.0.0.1");
  const response = await fetch(`${await application.getUrl()}/pay`);
  await application.close();

  expect(response.status).toBe(500);
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records).toContainEqual(
    expect.objectContaining({ params: { headers: { authorization: "Bearer [REDACTED:payments/token]" } } }),
  );
  expect(records).toContainEqual(expect.objectContaining({ message: "403 for [REDACTED:payments/token]" }));
  assertNoLeak(lines, await response.text());
});
