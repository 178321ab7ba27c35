import { type CallContext, type ProviderHost, SecretError, untilAborted } from "@tacit/core/provider";
import type { ClientOptions, WebSocket } from "ws";
import { missingPeer } from "../shared/cloud/optional-peer.ts";
import type { VaultHttpOptions } from "../shared/vault/api.ts";

/** An open stream of events. */
export interface EventSocket {
  /** Resolves when the stream has ended for any reason. */
  readonly ended: Promise<void>;
  /** Returns whether the server has answered the last ping, and sends the next one. */
  isAlive(): boolean;
  /** Ends the stream immediately. */
  close(): void;
}

/** Opens Vault's streams of events about KV secrets: writes, deletions and restorations. */
export class EventSockets {
  readonly #options: VaultHttpOptions;

  readonly #clock: ProviderHost["clock"];

  constructor(options: VaultHttpOptions, { clock }: Pick<ProviderHost, "clock">) {
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * Opens a stream.
   * @param onMessage called with each event, as JSON text
   * @throws {SecretError} PERMISSION_DENIED `policy`; UNSUPPORTED `events` if Vault has no events; UNAVAILABLE; INVALID_CONFIG
   * `sdk-missing`; the signal's reason
   * @see https://developer.hashicorp.com/vault/api-docs/system/events
   */
  async open(
    token: string | undefined,
    onMessage: (text: string) => void,
    { signal }: CallContext,
  ): Promise<EventSocket> {
    signal.throwIfAborted();
    const { WebSocket } = await importWs();
    const socket = new WebSocket(this.#address(), await this.#clientOptions(token));
    socket.on("message", (data, isBinary) => {
      if (!isBinary) onMessage(String(data));
    });
    const timer = this.#clock.setTimer(() => socket.terminate(), openTimeoutMs);
    try {
      await untilAborted(opened(socket), signal);
    } catch (error) {
      socket.terminate();
      throw error;
    } finally {
      timer.cancel();
    }
    return toEventSocket(socket);
  }

  #address(): string {
    const { url, socketPath } = this.#options;
    const path = "/v1/sys/events/subscribe/kv*?json=true";
    if (socketPath !== undefined) return `ws+unix:${socketPath}:${path}`;
    return `${url.replace(/^http/, "ws").replace(/\/+$/, "")}${path}`;
  }

  async #clientOptions(token: string | undefined): Promise<ClientOptions> {
    const { url, proxy, socketPath, tls, namespace } = this.#options;
    const { HttpAgents, loadProxyAgents } = await import("../shared/http/agents.ts");
    const target = { url: new URL(url), proxy: proxy ?? "none" };
    const agents = new HttpAgents(target, await loadProxyAgents(target));
    return {
      // The agent uses the proxy, authorities and certificates of all other requests.
      ...(socketPath === undefined && { agent: agents.agent((await tls?.()) ?? {}) }),
      headers: {
        "x-vault-request": "true",
        ...(token !== undefined && { "x-vault-token": token }),
        ...(namespace !== undefined && { "x-vault-namespace": namespace }),
      },
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: mostBytes,
    };
  }
}

/** The answer deadline of the HTTP client. */
const openTimeoutMs = 9000;
/** Far above the size of an event, which concerns one secret and contains no value. */
const mostBytes = 256 * 1024;

async function importWs(): Promise<typeof import("ws")> {
  try {
    return await import("ws");
  } catch (cause) {
    throw missingPeer("ws@8", cause);
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    // The stream does not keep the process alive.
    socket.once("upgrade", (message) => message.socket.unref());
    socket.once("open", resolve);
    // The listener stays, because an error without one is uncaught. A close follows each error.
    socket.on("error", (cause) => reject(unreachable(cause)));
    socket.once("unexpected-response", (request, { statusCode = 0 }) => {
      request.destroy();
      reject(refused(statusCode));
    });
    socket.once("close", () => reject(unreachable()));
  });
}

function toEventSocket(socket: WebSocket): EventSocket {
  let hasAnswered = true;
  socket.on("pong", () => {
    hasAnswered = true;
  });
  return {
    ended: new Promise((resolve) => socket.once("close", () => resolve())),
    isAlive() {
      const wasAnswered = hasAnswered;
      hasAnswered = false;
      socket.ping(() => undefined);
      return wasAnswered;
    },
    close: () => socket.terminate(),
  };
}

function refused(status: number): SecretError {
  const message = `GET sys/events/subscribe/kv* was answered with ${status}`;
  if (status === 401 || status === 403)
    return new SecretError("PERMISSION_DENIED", message, {
      reason: "policy",
      tip: 'Grant "read" on "sys/events/subscribe/kv*", and "subscribe" with `subscribe_event_types` on the paths of the secrets.',
    });
  if (status === 400 || status === 404 || status === 405)
    return new SecretError("UNSUPPORTED", message, {
      reason: "events",
      tip: "Only Vault Enterprise 1.16.3 or later has an event stream; leave `events` out elsewhere.",
    });
  return new SecretError("UNAVAILABLE", message, { reason: "server-error" });
}

function unreachable(cause?: unknown): SecretError {
  return new SecretError("UNAVAILABLE", "Vault's event stream cannot be opened or was interrupted", {
    reason: "connection-reset",
    cause,
  });
}
