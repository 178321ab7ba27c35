import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";

test("the README's service answers from environment variables when no document says anything else", async () => {
  vi.stubEnv("PORT", "0");
  vi.stubEnv("TACIT_CONFIG", undefined);
  vi.stubEnv("DB_PRIMARY__USERNAME", "app");
  vi.stubEnv("DB_PRIMARY__PASSWORD", "s3cret-fixture");
  const { server } = await import("./service.ts");
  if (!server.listening) await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect(await response.text()).toBe("connected as app\n");
  server.close();
  server.closeAllConnections();
  vi.unstubAllEnvs();
});
