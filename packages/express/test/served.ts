import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on this machine. */
export interface Served {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
}

const running = new Set<Server>();

/** Starts one; `before` gets the server while it does not listen yet. */
export async function serve(listener: RequestListener, before?: (server: Server) => void): Promise<Served> {
  const server = createServer(listener);
  before?.(server);
  running.add(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}` };
}

/** Ends each server that was started here; for `afterEach`. */
export function stopServers(): void {
  for (const server of running) {
    server.close();
    server.closeAllConnections();
  }
  running.clear();
}
