import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands before a server and can spoil the connections that stand; new ones work. */
export interface ConnectionProxy extends AsyncDisposable {
  readonly url: string;
  /** Both ends get a reset. */
  resetAll(): void;
  /** Nothing passes any more and nobody is told, as when a machine between has forgotten them. */
  freezeAll(): void;
}

/** Starts one on a free port. */
export async function startConnectionProxy(url: string): Promise<ConnectionProxy> {
  const { hostname, port } = new URL(url);
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.pipe(upstream);
    upstream.pipe(client);
    for (const socket of pair) {
      socket.on("error", () => undefined);
      socket.once("close", () => {
        pairs.delete(pair);
        for (const end of pair) end.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    resetAll() {
      for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    },
    freezeAll() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream).pause();
        upstream.unpipe(client).pause();
      }
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const [client] of pairs) client.destroy();
      await once(server, "close");
    },
  };
}
