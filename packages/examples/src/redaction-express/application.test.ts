import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { declareSecrets } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { Router } from "express";
import { afterEach, expect, test, vi } from "vitest";
import { createApplication } from "./application.ts";

const declare = declareSecrets({ partner: { ref: "partner/token" } });

afterEach(() => {
  vi.restoreAllMocks();
});

test("neither the access log nor the page about an error shows the token", async () => {
  const secrets = mockSecrets({ "partner/token": "s3cret-fixture" }, { declare });
  const token = secrets.latest("partner").reveal();
  const [stdout, printed] = [new PassThrough(), [] as unknown[]];
  // Express prints what no other middleware has answered
  vi.spyOn(console, "error").mockImplementation((...values) => void printed.push(...values));
  const routes = Router().get("/", () => {
    throw new Error(`403 for ${token}`);
  });
  const server = createServer(createApplication(routes, secrets.redactor, stdout)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/?token=${token}`, { headers: { connection: "close" } });
  const page = await response.text();
  const [line] = await once(stdout, "data");
  server.close();

  expect(response.status).toBe(500);
  expect(page).toContain("403 for [REDACTED:partner/token]");
  expect(String(line)).toContain("GET /?token=[REDACTED:partner/token] HTTP/1.1");
  assertNoLeak(page, String(line), printed);
});
