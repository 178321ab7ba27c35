import { PassThrough } from "node:stream";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { createApplication, declared } from "./application.ts";

function start() {
  const secrets = mockSecrets({ "partner/token": "s3cret-fixture" }, { declare: declared });
  const stdout = new PassThrough();
  return { secrets, stdout, application: createApplication(secrets, stdout) };
}

test("the log and the answer to a request that fails show no token, and keep its status", async () => {
  const { secrets, stdout, application } = start();
  const token = secrets.latest("partner").reveal(); // masked from here on
  application.get("/orders", async () => {
    const error = new Error(`no orders for ${token}`);
    throw Object.assign(error, { statusCode: 404 });
  });
  const answer = await application.inject(`/orders?token=${token}`);
  await application.close();
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ message: "no orders for [REDACTED:partner/token]" });
  const lines = String(stdout.read());
  expect(lines).toContain("/orders?token=[REDACTED:partner/token]");
  assertNoLeak(answer.body, lines);
});

test("it is ready while its secret is served, and alive in any case", async () => {
  const { secrets, application } = start();
  const probe = async (path: string) => {
    const { statusCode, body } = await application.inject(path);
    return [statusCode, JSON.parse(body).status];
  };
  expect(await probe("/readyz")).toEqual([200, "ok"]);
  secrets.fail("partner/token", "UNAVAILABLE");
  await secrets.advance(60_000);
  expect(await probe("/readyz")).toEqual([200, "degraded"]);
  await secrets.close();
  expect(await probe("/readyz")).toEqual([503, "closed"]);
  expect(await probe("/livez")).toEqual([200, "alive"]);
  await application.close();
});

test("a request before the first secret is there is answered with 503, not 500", async () => {
  const secrets = mockSecrets({}, { declare: declared });
  const application = createApplication(secrets, new PassThrough());
  application.get("/orders", async () => secrets.latest("partner").reveal());
  const answer = await application.inject("/orders");
  await application.close();
  expect(answer.statusCode).toBe(503);
});

test("its end is the end of the client", async () => {
  const { secrets, application } = start();
  await application.ready();
  await application.close();
  expect(secrets.health().status).toBe("closed");
});
