import { PassThrough, Readable } from "node:stream";
import { declareSecrets } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { copyOutput, maskedLog, publishFailure } from "./outputs.ts";

const declare = declareSecrets({ db: { ref: "db/password" } });

function revealed() {
  const { redactor, latest } = mockSecrets({ "db/password": "s3cret-fixture" }, { declare });
  return { redactor, password: latest("db").reveal() };
}

test("a log that is a stream holds no password", () => {
  const { redactor, password } = revealed();
  const file = new PassThrough();
  maskedLog(redactor, file).write(`logged in with ${password}\n`);
  expect(String(file.read())).toBe("logged in with [REDACTED:db/password]\n");
});

test("the output of a child holds none either, wherever it is cut", async () => {
  const { redactor, password } = revealed();
  const to = new PassThrough();
  await copyOutput(redactor, Readable.from([`pg_dump --password=${password.slice(0, 5)}`, password.slice(5)]), to);
  expect(String(to.read())).toBe("pg_dump --password=[REDACTED:db/password]");
});

test("an object and an error are published as masked copies, and stay as they were", () => {
  const { redactor, password } = revealed();
  const [published, order] = [[] as object[], { id: 7, dsn: `postgres://app:${password}@db/shop` }];
  publishFailure(redactor, (event) => published.push(event), order, new Error(`no ${password}`));
  expect(published).toEqual([
    { order: { id: 7, dsn: "postgres://app:[REDACTED:db/password]@db/shop" }, at: "checkout" },
    expect.objectContaining({ message: "no [REDACTED:db/password]" }),
  ]);
  expect(order.dsn).toContain(password);
  assertNoLeak(published);
});
