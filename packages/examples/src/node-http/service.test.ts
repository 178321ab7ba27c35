import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { afterEach, expect, test } from "vitest";
import { portOf } from "../port-of.ts";
import { createService, declared, type ListOrders } from "./service.ts";

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

async function start(secrets: ReturnType<typeof mock>, listOrders: ListOrders) {
  const lines: string[] = [];
  server = createService(secrets, listOrders, (line) => lines.push(line)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${portOf(server)}`;
  const ask = async (path: string) => {
    const response = await fetch(url + path);
    return [response.status, await response.text()] as const;
  };
  return { ask, lines };
}

const mock = (values: Readonly<Record<string, string>>) => mockSecrets(values, { declare: declared });

test("a service without its secret is alive, and neither ready nor wrong", async () => {
  const secrets = mock({});
  secrets.hang("partner/token");
  const { ask } = await start(secrets, async () => []);
  expect(await ask("/livez")).toEqual([200, "alive\n"]);
  expect(await ask("/readyz")).toEqual([503, "starting\n"]);
  expect(await ask("/orders")).toEqual([503, "starting\n"]);
});

test("each request uses the newest token, also while the store is down", async () => {
  const secrets = mock({ "partner/token": "s3cret-fixture-1" });
  const { ask } = await start(secrets, async (token) => [`order by ${token.at(-1)}`]);
  expect(await ask("/orders")).toEqual([200, "order by 1\n"]);
  secrets.set("partner/token", "s3cret-fixture-2");
  await secrets.flush();
  secrets.fail("partner/token", "UNAVAILABLE");
  await secrets.advance(60_000);
  expect(await ask("/orders")).toEqual([200, "order by 2\n"]);
  expect(await ask("/readyz")).toEqual([200, "degraded\n"]);
});

test("an error that quotes the token is logged without it, and answered without anything", async () => {
  const secrets = mock({ "partner/token": "s3cret-fixture" });
  const { ask, lines } = await start(secrets, async (token) => {
    throw new Error(`401 for https://partner.test/?key=${token}`);
  });
  expect(await ask("/orders")).toEqual([502, "the partner did not answer\n"]);
  expect(lines[0]).toContain("401 for https://partner.test/?key=[REDACTED:partner/token]");
  assertNoLeak(lines);
});

test("a SIGTERM while the program waits for its secrets ends it quietly", async () => {
  const path = fileURLToPath(new URL("start.ts", import.meta.url));
  const directory = await mkdtemp(join(tmpdir(), "tacit-start-"));
  const config = join(directory, "tacit.json");
  const mount = { use: "file", root: join(directory, "not-mounted-yet") };
  await writeFile(config, JSON.stringify({ providers: { mount }, routes: [{ match: "**", to: ["mount"] }] }));
  const env = { ...process.env, PORT: "0", TACIT_CONFIG: config };
  const program = spawn(process.execPath, ["--conditions=@tacit/source", path], { env });
  let errors = "";
  program.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  await once(program.stdout, "data");
  program.kill("SIGTERM");
  expect(await once(program, "exit")).toEqual([0, null]);
  expect(errors).toBe("");
  await rm(directory, { recursive: true });
});

test("the program answers until SIGTERM, and then ends by itself", async () => {
  const path = fileURLToPath(new URL("start.ts", import.meta.url));
  const env = { ...process.env, PORT: "0", TACIT_CONFIG: undefined, PARTNER_TOKEN: "s3cret-fixture" };
  const program = spawn(process.execPath, ["--conditions=@tacit/source", path], { env });
  const [line] = await once(program.stdout, "data");
  const { port } = JSON.parse(String(line)) as { port: number };
  const answer = await fetch(`http://127.0.0.1:${port}/orders`, { headers: { connection: "close" } });
  expect(await answer.text()).toBe("14 characters and no order\n");
  program.kill("SIGTERM");
  expect(await once(program, "exit")).toEqual([0, null]);
});
