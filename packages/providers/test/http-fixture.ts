import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import { createServer as createRawServer, type Server, type Socket } from "node:net";
import type { CallContext } from "@tacit/core/provider";
import { type ManualClock, manualClock } from "@tacit/core/testing";
import { generate } from "selfsigned";
import type { HttpClient, HttpClientOptions } from "../src/shared/http/client.ts";
import { createHttpClient } from "../src/shared/http/create-client.ts";

/** A server on this machine. */
export interface LocalServer {
  /** The scheme is https for a secure one. */
  readonly url: string;
  readonly port: number;
  /** How many connections it has ever taken. */
  readonly connections: number;
  /** The connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Servers, clients and a clock for one test, all of which end with it. */
export interface HttpFixture extends AsyncDisposable {
  readonly clock: ManualClock;
  /** Aborts the context of every call. */
  readonly controller: AbortController;
  readonly context: CallContext;
  serve(handler: RequestListener, at?: { readonly socketPath: string }): Promise<LocalServer>;
  serveSecurely(options: ServerOptions, handler: RequestListener): Promise<LocalServer>;
  /** A server that speaks whatever the callback writes. */
  serveRaw(onSocket: (socket: Socket) => void): Promise<LocalServer>;
  client(options: HttpClientOptions): HttpClient;
}

/** A certificate that signs itself, so it is its own authority. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes a fixture. Deadlines pass when the test says so. */
export function openHttpFixture(): HttpFixture {
  const clock = manualClock();
  const controller = new AbortController();
  const ends: (() => Promise<unknown>)[] = [];
  const listen = async (server: Server, scheme: string, socketPath?: string): Promise<LocalServer> => {
    const sockets = new Set<Socket>();
    let connections = 0;
    server.on("connection", (socket: Socket) => {
      connections += 1;
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    });
    if (socketPath === undefined) server.listen(0, "127.0.0.1");
    else server.listen(socketPath);
    await once(server, "listening");
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    return {
      url: `${scheme}://127.0.0.1:${port}`,
      port,
      sockets,
      get connections() {
        return connections;
      },
    };
  };
  return {
    clock,
    controller,
    context: controller,
    serve: (handler, at) => listen(createServer(handler), "http", at?.socketPath),
    serveSecurely: (options, handler) => listen(createSecureServer(options, handler), "https"),
    serveRaw: (onSocket) => listen(createRawServer(onSocket), "http"),
    client(options) {
      const client = createHttpClient(options, { clock });
      ends.unshift(() => client.close());
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends) await end();
    },
  };
}

/** Makes a certificate for 127.0.0.1 and one name. @param issuer by default it signs itself */
export async function makeCertificate(name = "store.example", issuer?: Certificate): Promise<Certificate> {
  const altNames = [
    { type: 2, value: name },
    { type: 7, ip: "127.0.0.1" },
  ] as const;
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [...altNames] }],
    ...(issuer !== undefined && { ca: issuer }),
  });
  return { cert, key };
}

/** Makes an authority. @param issuer by default it is a root */
export async function makeAuthority(name: string, issuer?: Certificate): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
    ...(issuer !== undefined && { ca: issuer }),
  });
  return { cert, key };
}

/** Iterates to the end. */
export async function collect(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** Resolves when a socket is closed, however it came to that. */
export function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("did not reject");
    },
    (error: unknown) => error,
  );
}
