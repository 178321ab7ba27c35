import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { leakCheck } from "@tacit/core/testing";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { claimPort } from "../cluster/claim-port.ts";
import { type ServerProcess, startServer } from "../cluster/server-process.ts";
import { type DoubleWriter, startDoubleWriter } from "../kubelet/double-writer.ts";
import { type Postgres, startPostgres } from "../postgres/postgres.ts";
import { hasPrograms } from "../programs/provided.ts";

/** The example that docs/express.md shows: a program of another package, so it is started and not imported. */
const program = join(import.meta.dirname, "../../../examples/src/express-service/start.ts");
const passwords = { app_blue: "s3cret-fixture-blue", app_green: "s3cret-fixture-green" };

describe.skipIf(!hasPrograms("postgres"))("the Express service over a PostgreSQL", () => {
  let postgres: Postgres;
  let writer: DoubleWriter;
  let service: ServerProcess;
  let url: string;

  beforeEach(async () => {
    const folder = mkdtempSync(join(inject("runFolder"), "express-service-"));
    const mount = join(folder, "secrets/db/primary");
    mkdirSync(mount, { recursive: true });
    postgres = await startPostgres();
    for (const [user, password] of Object.entries(passwords))
      await postgres.query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}'`);
    writer = startDoubleWriter(mount);
    await mountLogin("app_blue");
    const port = await claimPort();
    url = `http://127.0.0.1:${port}`;
    const config = {
      providers: { mount: { use: "file", root: join(folder, "secrets") } },
      routes: [{ match: "**", to: ["mount"] }],
    };
    service = startServer(process.execPath, [program], folder, {
      NODE_ENV: "development", // where Express prints the most
      TACIT_CONFIG: JSON.stringify(config),
      PORT: String(port),
      PGHOST: postgres.host,
      PGPORT: String(postgres.port),
      PGDATABASE: postgres.database,
    });
    await vi.waitUntil(
      () =>
        ask("/readyz").then(
          ({ status }) => status === 200,
          () => false,
        ),
      { timeout: 20_000 },
    );
  });
  afterEach(async () => {
    await service?.stop();
    await writer?.stop();
    await postgres?.close();
  });

  async function mountLogin(username: string, password: string = Reflect.get(passwords, username)): Promise<void> {
    await writer.write({ username: { content: username }, password: { content: password } });
  }

  async function ask(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(url + path);
    return { status: response.status, text: await response.text() };
  }

  /** Asks on and on until an answer names the user; gives every answer. */
  async function until(user: string): Promise<readonly { readonly status: number; readonly text: string }[]> {
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    await vi.waitUntil(
      async () => {
        const answer = await ask("/login");
        answers.push(answer);
        return answer.text.includes(user);
      },
      { timeout: 20_000, interval: 5 },
    );
    return answers;
  }

  test("moves to a new login while it answers, keeps it in spite of a wrong one, and ends on SIGTERM", async () => {
    expect(await ask("/login")).toEqual({ status: 200, text: '[{"name":"app_blue"}]' });
    await mountLogin("app_green");
    expect((await until("app_green")).map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    await postgres.query("ALTER ROLE app_blue NOLOGIN");

    await mountLogin("app_blue", "s3cret-fixture-unknown");
    await vi.waitUntil(() => ask("/readyz").then(({ text }) => text.includes("degraded")), { timeout: 20_000 });
    expect(await ask("/login")).toEqual({ status: 200, text: '[{"name":"app_green"}]' });

    service.signal("SIGTERM");
    await service.ended;
    leakCheck([...Object.values(passwords), "s3cret-fixture-unknown"]).assertNoLeak(service.log());
  });

  test("an error of the database reaches neither the page nor the log with a password in it", async () => {
    await postgres.query("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
    await postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_blue'");
    await vi.waitUntil(() => ask("/login").then(({ status }) => status === 500), { timeout: 20_000 });
    const { status, text } = await ask(`/login?password=${passwords.app_blue}`);
    expect(status).toBe(500);
    expect(text).toContain("permission denied for database");
    leakCheck(Object.values(passwords)).assertNoLeak(text, service.log());
    expect(service.log()).toContain("/login?password=[REDACTED:db/primary]");
  });
});
