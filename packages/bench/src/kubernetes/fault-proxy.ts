import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import type { ControlPlane } from "./control-plane.ts";

/** Stands before an API server as a load balancer does, with its certificate, and does to connections what networks do. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Resets all connections that stand. */
  resetAll(): void;
  /** Falls silent on all connections that stand, and leaves them open; new ones work. */
  freezeAll(): void;
  /** Answers every request so, until it is told undefined. */
  answer(status: number | undefined): void;
}

/** Starts one on a free port. */
export async function startFaultProxy({ url, certificateFolder }: ControlPlane): Promise<FaultProxy> {
  const certificate = readFileSync(join(certificateFolder, "apiserver.crt"));
  const agent = new Agent({ keepAlive: true, ca: certificate });
  const standing = new Set<Socket>();
  const frozen = new WeakSet<Socket>();
  let status: number | undefined;

  const pass = (asked: IncomingMessage, answer: ServerResponse): void => {
    if (frozen.has(asked.socket)) return;
    if (status !== undefined) return refuse(answer, status);
    const { method, headers } = asked;
    const forwarded = request(new URL(asked.url ?? "/", url), { method, headers, agent });
    forwarded.once("response", (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      answer.flushHeaders();
      found.on("data", (chunk: Buffer) => {
        if (!frozen.has(asked.socket)) answer.write(chunk);
      });
      found.once("close", () => {
        if (!frozen.has(asked.socket)) answer.end();
      });
      found.once("error", () => answer.destroy());
    });
    forwarded.once("error", () => answer.destroy());
    answer.once("close", () => forwarded.destroy());
    asked.pipe(forwarded);
  };

  const key = readFileSync(join(certificateFolder, "apiserver.key"));
  const server = createServer({ cert: certificate, key }, pass);
  server.on("secureConnection", (socket: Socket) => {
    standing.add(socket);
    socket.once("close", () => standing.delete(socket));
    socket.once("error", () => socket.destroy());
  });
  /** Those below TLS: only they can be reset. */
  const raw = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    raw.add(socket);
    socket.once("close", () => raw.delete(socket));
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    resetAll() {
      for (const socket of raw) socket.resetAndDestroy();
      for (const socket of standing) socket.destroy();
    },
    freezeAll() {
      for (const socket of standing) frozen.add(socket);
    },
    answer(next) {
      status = next;
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** As the API server says it when it has too much to do. */
function refuse(answer: ServerResponse, status: number): void {
  const headers = { "content-type": "application/json", ...(status === 429 ? { "retry-after": "1" } : {}) };
  answer.writeHead(status, headers);
  answer.end(JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code: status }));
}
