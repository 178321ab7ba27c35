import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { declareSecrets } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { createRequestLogger, createService } from "./services.ts";

const declare = declareSecrets({ webhook: { ref: "webhook/token" } });

test("Fastify logs a request and its failure without the token", async () => {
  const secrets = mockSecrets({ "webhook/token": "s3cret-fixture" }, { declare });
  const token = secrets.latest("webhook").reveal();
  const stdout = new PassThrough();
  const service = createService(secrets.redactor, stdout);
  service.get("/", () => {
    throw new Error(`refused ${token}`);
  });
  await service.inject(`/?token=${token}`);
  await service.close();

  const lines = String(stdout.read());
  expect(lines).toContain("/?token=[REDACTED:webhook/token]");
  expect(lines).toContain("refused [REDACTED:webhook/token]");
  assertNoLeak(lines);
});

test("pino-http logs a request without the token", async () => {
  const secrets = mockSecrets({ "webhook/token": "s3cret-fixture" }, { declare });
  const token = secrets.latest("webhook").reveal();
  const stdout = new PassThrough();
  const log = createRequestLogger(secrets.redactor, stdout);
  const server = createServer((request, response) => {
    log(request, response);
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  get({ port, path: `/?token=${token}`, agent: false });
  const [line] = await once(stdout, "data");
  server.close();

  expect(JSON.parse(String(line))).toMatchObject({ req: { url: "/?token=[REDACTED:webhook/token]" } });
  assertNoLeak(String(line));
});
