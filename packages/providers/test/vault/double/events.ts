import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

/** What an upgrade is answered: a status, or the stream. */
export type EventsVerdict = "open" | 403 | 404 | 503;

/** The stream of events of Vault Enterprise: `sys/events/subscribe/kv*` over a WebSocket. */
export class EventsDouble {
  /** Decides on each request for a stream. */
  verdict: (token: string | undefined) => EventsVerdict = () => "open";
  /** The headers of each request. */
  readonly requests: IncomingMessage["headers"][] = [];
  readonly streams: Set<WebSocket> = new Set();
  readonly #server = new WebSocketServer({ noServer: true, autoPong: true });
  readonly #onUpgrade: () => void;

  constructor(onUpgrade: () => void) {
    this.#onUpgrade = onUpgrade;
  }

  readonly upgrade = (message: IncomingMessage, socket: Duplex, head: Buffer): void => {
    this.requests.push(message.headers);
    const isStream = message.url === "/v1/sys/events/subscribe/kv*?json=true";
    const token = message.headers["x-vault-token"];
    const verdict = isStream ? this.verdict(typeof token === "string" ? token : undefined) : 404;
    if (verdict !== "open") {
      socket.end(`HTTP/1.1 ${verdict} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return this.#onUpgrade();
    }
    this.#server.handleUpgrade(message, socket, head, (stream) => {
      this.streams.add(stream);
      stream.on("close", () => this.streams.delete(stream)).on("error", () => undefined);
      this.#onUpgrade();
    });
  };

  /** Tells of a write as Vault does. */
  tell(path: string, dataPath?: string): void {
    const event = {
      id: "0f8fad5b-d9cb-469f-a165-70867728950e",
      specversion: "1.0",
      type: "*",
      data: {
        event: { id: "e", metadata: { current_version: "2", data_path: dataPath, operation: "data-write", path } },
        event_type: "kv-v2/data-write",
        plugin_info: { mount_class: "secret", mount_path: "secret/", plugin: "kv", version: "2" },
      },
      datacontentype: "application/cloudevents",
    };
    this.send(JSON.stringify(event));
  }

  send(text: string): void {
    for (const stream of this.streams) stream.send(text);
  }

  /** Cuts every stream. */
  sever(): void {
    for (const stream of this.streams) stream.terminate();
  }
}
