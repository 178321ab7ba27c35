import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { establishedConnections } from "./handles.ts";

test("counts the connections that this process has to a port, and no others", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const before = establishedConnections(port);
  const clients = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  await Promise.all(clients.map((client) => once(client, "connect")));
  expect(before).toBe(0);
  expect(establishedConnections(port)).toBe(2);
  for (const client of clients) client.destroy();
  server.close();
});
