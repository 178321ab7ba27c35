import { declareSecrets } from "@tacit/core";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import express from "express";
import { afterEach, expect, test } from "vitest";
import { serve, stopServers } from "../test/served.ts";
import { healthReport, liveness, readiness } from "./index.ts";

const declare = declareSecrets({
  db: { ref: "db/primary", onDelete: "clear" },
  flags: { ref: "feature/flags", optional: true },
});
const values = { "db/primary": "s3cret-fixture", "feature/flags": "s3cret-fixture-flags" };

afterEach(stopServers);

async function serveProbes(secrets: ReturnType<typeof mock>): Promise<string> {
  const application = express();
  application.get("/livez", liveness());
  application.use("/readyz", readiness(secrets));
  application.get("/health", healthReport(secrets));
  application.get("/health/names", healthReport(secrets, { names: true }));
  const { url } = await serve(application);
  return url;
}

function mock(given: Readonly<Record<string, string>> = values) {
  return mockSecrets(given, { declare });
}

/** Status code and body of each path. */
async function ask(url: string, ...paths: string[]): Promise<unknown[]> {
  const answers = paths.map(async (path) => {
    const response = await fetch(url + path);
    return [response.status, await response.json()];
  });
  return await Promise.all(answers);
}

test("a service that has its secrets is ready", async () => {
  const url = await serveProbes(mock());
  expect(await ask(url, "/livez", "/readyz")).toEqual([
    [200, { status: "alive" }],
    [200, { status: "ok" }],
  ]);
});

test("a service whose secrets have not arrived is alive, and not ready", async () => {
  const secrets = mock({});
  secrets.hang("db/primary");
  const url = await serveProbes(secrets);
  expect(await ask(url, "/livez", "/readyz", "/health")).toEqual([
    [200, { status: "alive" }],
    [503, { status: "starting" }],
    [503, expect.objectContaining({ status: "starting" })],
  ]);
});

test("an outage of the store leaves a service ready, and an optional secret does so in any state", async () => {
  const secrets = mock();
  const url = await serveProbes(secrets);
  secrets.fail("db/primary", "UNAVAILABLE");
  secrets.fail("feature/flags", "PERMISSION_DENIED");
  await secrets.advance(60_000);
  expect(await ask(url, "/readyz", "/livez")).toEqual([
    [200, { status: "degraded" }],
    [200, { status: "alive" }],
  ]);
});

test("a required secret without a value to serve makes a service unready until it has one", async () => {
  const secrets = mock();
  const url = await serveProbes(secrets);
  secrets.remove("db/primary");
  await secrets.flush();
  expect(await ask(url, "/readyz", "/livez")).toEqual([
    [503, { status: "down" }],
    [200, { status: "alive" }],
  ]);
  secrets.set("db/primary", "s3cret-fixture-next");
  await secrets.flush();
  expect(await ask(url, "/readyz")).toEqual([[200, { status: "ok" }]]);
});

test("a client that was closed makes a service unready", async () => {
  const secrets = mock();
  const url = await serveProbes(secrets);
  await secrets.close();
  expect(await ask(url, "/readyz", "/livez")).toEqual([
    [503, { status: "closed" }],
    [200, { status: "alive" }],
  ]);
});

test("nothing is named unless it is asked for, and no value is ever shown", async () => {
  const secrets = mock();
  secrets.latest("db").reveal();
  const url = await serveProbes(secrets);
  const [counts, named] = await ask(url, "/health", "/health/names");
  expect(counts).toEqual([200, { status: "ok", secrets: { live: 2 }, providers: { open: 1 } }]);
  expect(JSON.stringify(counts)).not.toMatch(/db|flags|mock/);
  expect(named).toMatchObject([200, { status: "ok", secrets: [{ alias: "db", reference: "db/primary" }, {}] }]);
  assertNoLeak(counts, named);
});

test.each(["/livez", "/readyz", "/health"])(
  "%s is stored nowhere, and is the same for HEAD without a body",
  async (path) => {
    const url = await serveProbes(mock());
    const got = await fetch(url + path);
    const text = await got.text();
    const head = await fetch(url + path, { method: "HEAD", headers: { "if-none-match": "*" } });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const { headers } of [got, head]) {
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(headers.get("content-length")).toBe(String(text.length));
      expect(headers.has("etag")).toBe(false);
    }
  },
);

test("other methods are left to other handlers", async () => {
  const url = await serveProbes(mock());
  expect((await fetch(`${url}/readyz`, { method: "POST" })).status).toBe(404);
});
