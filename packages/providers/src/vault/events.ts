import {
  type CallContext,
  isSecretError,
  type ProviderHost,
  pause,
  type Subscription,
  type SubscriptionState,
} from "@tacit/core/provider";
import type { Session } from "../shared/vault/login/session.ts";
import type { MountedPath } from "./engine/mounts.ts";
import type { EventSocket, EventSockets } from "./event-socket.ts";

/** What the stream needs. */
export interface EventStreamParts {
  readonly sockets: EventSockets;
  readonly session: Session;
  readonly host: Pick<ProviderHost, "clock" | "random" | "warn">;
  readonly find: (path: string) => MountedPath;
}

/** What one subscription listens to. */
interface Listener {
  readonly paths: readonly string[];
  readonly hint: (path?: string) => void;
}

/**
 * Hears from Vault Enterprise which KV secrets have changed, over one stream for all subscriptions. Vault delivers events with
 * its best effort alone, so the poll goes on beneath; while the stream is down, and where there is none, it is all there is.
 */
export class EventStream {
  readonly #parts: EventStreamParts;
  readonly #listeners = new Set<Listener>();
  #running: AbortController | undefined;
  #state: SubscriptionState = connecting;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
  }

  /** Opens the stream with the first subscription; it is closed with the last one. Never waits for it. */
  subscribe(paths: readonly string[], hint: (path?: string) => void): Subscription {
    const listener = { paths, hint };
    this.#listeners.add(listener);
    if (this.#running === undefined) {
      this.#running = new AbortController();
      this.#state = connecting;
      void this.#run(this.#running.signal);
    }
    const state = (): SubscriptionState => this.#state;
    return {
      get state() {
        return state();
      },
      [Symbol.asyncDispose]: async () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) this.close();
      },
    };
  }

  /** Ends the stream. */
  close(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#parts.host;
    for (let failures = 0; !signal.aborted; failures += 1) {
      let longMs = 0;
      try {
        const { sockets, session } = this.#parts;
        const socket = await session.connect(
          (token) => sockets.open(token, (text) => this.#onMessage(text, signal), { signal }),
          { signal },
        );
        failures = 0;
        this.#state = { mode: "push" };
        // What changed while there was no stream was told to nobody.
        for (const { hint } of [...this.#listeners]) hint();
        await this.#untilEnded(socket, { signal });
        this.#state = { mode: "poll", code: "events-disconnected" };
      } catch (error) {
        if (signal.aborted) return;
        this.#state = { mode: "poll", code: this.#told(error) };
        // Where there is no stream, there is one after an upgrade at the earliest.
        if (!isSecretError(error, "UNAVAILABLE", "UNAUTHENTICATED")) longMs = longestPauseMs;
      }
      const upToMs = Math.max(longMs, Math.min(firstPauseMs * 2 ** Math.min(failures, 10), longestPauseMs));
      // Aborted when nobody listens any more.
      await pause(clock, upToMs * (0.5 + random() / 2), signal).catch(() => undefined);
    }
  }

  /** A connection that died without a sign is noticed by a ping that nobody answers. */
  async #untilEnded(socket: EventSocket, { signal }: CallContext): Promise<void> {
    const { clock } = this.#parts.host;
    const onAbort = (): void => socket.close();
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    const beat = (): void => {
      if (!socket.isAlive()) return socket.close();
      timer = clock.setTimer(beat, pingMs);
    };
    let timer = clock.setTimer(beat, pingMs);
    try {
      await socket.ended;
    } finally {
      timer.cancel();
      signal.removeEventListener("abort", onAbort);
    }
  }

  #told(error: unknown): string {
    const { warn } = this.#parts.host;
    const tip = isSecretError(error) ? (error.tip ?? error.message) : "";
    if (isSecretError(error, "UNSUPPORTED")) warn("events-unsupported", tip);
    else if (isSecretError(error, "PERMISSION_DENIED")) warn("events-denied", tip);
    else if (isSecretError(error, "INVALID_CONFIG")) warn("events-unavailable", tip);
    else return "events-disconnected";
    return isSecretError(error, "PERMISSION_DENIED") ? "events-denied" : "events-unsupported";
  }

  #onMessage(text: string, signal: AbortSignal): void {
    if (signal.aborted) return;
    const changed = changedPath(text);
    if (changed === undefined) return;
    for (const { paths, hint } of [...this.#listeners])
      for (const path of paths) {
        const { engine, path: below } = this.#parts.find(path);
        const named = engine.policyPath?.(below);
        // Undefined before the version of a mount was looked up: it may be this one.
        if (named === undefined || named === changed) hint(path);
      }
  }
}

const connecting: SubscriptionState = { mode: "poll", code: "events-disconnected" };
const firstPauseMs = 1000;
const longestPauseMs = 300_000;
const pingMs = 30_000;

/**
 * Returns the path of the secret that an event tells of, as a policy names it for a read; undefined for what is no such event.
 * @see https://developer.hashicorp.com/vault/docs/concepts/events#event-notifications-format
 */
function changedPath(text: string): string | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  const metadata = member(member(member(message, "data"), "event"), "metadata");
  const [data, path] = [member(metadata, "data_path"), member(metadata, "path")];
  if (typeof data === "string" && data !== "") return data;
  return typeof path === "string" && path !== "" ? path : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
