import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, expect, test } from "vitest";
import { createService, declared } from "./service.ts";

const root = mkdtempSync(join(tmpdir(), "tacit-service-"));
afterAll(() => rmSync(root, { recursive: true }));

test("the service is alive at once, ready with its Secret, and stays ready when that is deleted", async () => {
  const config = { providers: { mount: { use: "file", root } }, routes: [{ match: "**", to: ["mount"] }] };
  const secrets = createSecrets({ adapters, declare: declared, config });
  const server = createService(secrets).listen(0, "127.0.0.1");
  await once(server, "listening");
  const statuses = async (): Promise<number[]> => {
    const { port } = server.address() as AddressInfo;
    const answers = ["livez", "readyz", ""].map((path) => fetch(`http://127.0.0.1:${port}/${path}`));
    return (await Promise.all(answers)).map(({ status }) => status);
  };
  expect(await statuses()).toEqual([200, 503, 503]);
  const mount = join(root, "db/primary");
  mkdirSync(mount, { recursive: true });
  for (const key of declaredKeys) writeFileSync(join(mount, key), "s3cret-fixture");
  await secrets.ready();
  expect(await statuses()).toEqual([200, 200, 200]);
  rmSync(mount, { recursive: true });
  await secrets
    .watch("db")
    .refresh()
    .catch(() => undefined);
  expect(secrets.health().status).toBe("degraded");
  expect(await statuses()).toEqual([200, 200, 200]);
  server.close();
  server.closeAllConnections();
  await secrets.close();
});

const declaredKeys = ["username", "password"];
