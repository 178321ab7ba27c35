import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { leakCheck, mockSecrets } from "@tacit/core/testing";
import { gracefulClose } from "@tacit/express";
import { afterEach, expect, test, vi } from "vitest";
import { portOf } from "../port-of.ts";
import { createApplication } from "./application.ts";
import { declared } from "./declared.ts";
import { derivePool } from "./pool.ts";

const before = { username: "app_blue", password: "s3cret-fixture-before" };
const after = { username: "app_green", password: "s3cret-fixture-after" };
const { assertNoLeak } = leakCheck([before.password, after.password]);
let stop: () => unknown = () => undefined;

afterEach(async () => {
  await stop();
  vi.restoreAllMocks();
});

async function start(secrets: ReturnType<typeof mock>) {
  const ended: string[] = [];
  const database = secrets.derive("db", {
    async open(db) {
      const { username, password } = db.reveal();
      const query = async (statement: string) => {
        if (username === "revoked") throw new Error(`no access for ${username}:${password}`);
        return { rows: [{ name: username, statement }] };
      };
      return { query, username };
    },
    close: ({ username }) => ended.push(username),
  });
  const server = createServer(createApplication(secrets, database));
  stop = gracefulClose(server, secrets, { clock: secrets.clock });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${portOf(server)}${path}`);
    return [response.status, await response.text()] as const;
  };
  return { ask, ended };
}

const mock = () => mockSecrets({ "db/primary": before }, { declare: declared });

test("queries move to the new login without a restart, and the end closes the pools", async () => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const secrets = mock();
  const { ask, ended } = await start(secrets);
  await secrets.ready();
  expect(await ask("/login")).toEqual([200, expect.stringContaining("app_blue")]);
  secrets.set("db/primary", after);
  await secrets.flush();
  expect(await ask("/login")).toEqual([200, expect.stringContaining("app_green")]);
  secrets.fail("db/primary", "UNAVAILABLE");
  await secrets.advance(60_000);
  expect(await ask("/readyz")).toEqual([200, '{"status":"degraded"}\n']);
  await stop();
  expect(ended).toEqual(["app_blue", "app_green"]);
});

test("a request before the first pool is there is answered with 503, not 500", async () => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.spyOn(console, "error").mockReturnValue();
  const secrets = mockSecrets({}, { declare: declared });
  const { ask } = await start(secrets);
  expect(await ask("/readyz")).toEqual([503, expect.any(String)]);
  expect(await ask("/login")).toEqual([503, expect.stringContaining("has not been loaded yet")]);
});

test("neither the error page nor the access log shows the password", async () => {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const secrets = mock();
  const { ask } = await start(secrets);
  secrets.set("db/primary", { ...after, username: "revoked" });
  await secrets.flush();
  const [status, page] = await ask("/login?password=s3cret-fixture-after");
  expect(status).toBe(500);
  expect(page).toContain("no access for revoked:[REDACTED:db/primary]");
  await expect.poll(() => written.mock.calls.join()).toContain("GET /login?password=[REDACTED:db/primary]");
  assertNoLeak(page, written.mock.calls);
});

test("a database that cannot be reached keeps the service from starting, and is told without the password", async () => {
  const gone = createTcpServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const port = portOf(gone);
  gone.close();
  await once(gone, "close");
  const secrets = mock();
  stop = () => secrets.close();
  derivePool(secrets, { host: "127.0.0.1", port, database: "shop" });
  const error: unknown = await secrets.ready().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "NOT_READY" });
  assertNoLeak(error);
});
