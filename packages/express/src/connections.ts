import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * The connections of a server, so that they can end with the response in progress. `server.close()` alone leaves a connection open
 * whose client keeps it alive, and cuts one whose last response is still on its way to a slow client.
 */
export class Connections {
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  /** connection that has sent a request -> its responses in progress */
  readonly #responses: Map<Socket, Set<ServerResponse>> = new Map();
  #isDraining = false;

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => this.#follow(socket));
    // of HTTPS: this one reads what is decrypted from the one above, and is that of requests
    server.on("secureConnection", (socket: Socket) => this.#follow(socket));
    server.prependListener("request", (request, response) => this.#onRequest(request, response));
  }

  /** Takes no new connection, and ends each one with its last response. Settles when all have ended. */
  drain(): Promise<void> {
    this.#isDraining = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    // not the close of an HTTP server, which cuts responses that are written to the socket, yet not to the network
    const { Server: NetServer } = process.getBuiltinModule("node:net");
    NetServer.prototype.close.call(this.#server, () => resolve());
    for (const responses of this.#responses.values()) for (const response of responses) announceEnd(response);
    for (const socket of this.#sockets) if (this.#isIdle(socket)) socket.destroy();
    return promise;
  }

  /** Ends whatever is left, upgraded connections too. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
  }

  #follow(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#responses.delete(socket);
    });
  }

  #onRequest({ socket }: IncomingMessage, response: ServerResponse): void {
    const responses = this.#responsesOf(socket);
    responses.add(response);
    if (this.#isDraining) announceEnd(response);
    response.once("close", () => {
      responses.delete(response);
      // of one that had promised to keep the connection alive
      if (this.#isDraining && responses.size === 0) socket.destroySoon();
    });
  }

  #responsesOf(socket: Socket): Set<ServerResponse> {
    let responses = this.#responses.get(socket);
    if (responses === undefined) {
      responses = new Set();
      this.#responses.set(socket, responses);
      // it may be older than this object
      if (!this.#sockets.has(socket)) this.#follow(socket);
    }
    return responses;
  }

  /** Between two requests, or opened in advance; not in the midst of its first request. */
  #isIdle(socket: Socket): boolean {
    const responses = this.#responses.get(socket);
    return responses === undefined ? socket.bytesRead === 0 : responses.size === 0;
  }
}

function announceEnd(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
