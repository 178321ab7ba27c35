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

/** The parts of the stream. */
export interface EventStreamParts {
  readonly sockets: EventSockets;
  readonly session: Session;
  readonly host: Pick<ProviderHost, "clock" | "random" | "warn">;
  readonly find: (path: string) => MountedPath;
}

/** The paths and the callback of one subscription. */
interface Listener {
  readonly paths: readonly string[];
  readonly hint: (path?: string) => void;
}

/**
 * Receives changes of KV secrets from Vault Enterprise, over one stream for all subscriptions. Vault may lose events, so polling
 * continues; without a stream, it is the only way to find changes.
 */
export class EventStream {
  readonly #parts: EventStreamParts;
  readonly #listeners = new Set<Listener>();
  #running: AbortController | undefined;
  #state: SubscriptionState = connecting;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
  }

  /** Adds a subscription. The first one opens the stream, without waiting for it; the last one closes it. */
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
        // Changes before the stream was open caused no event.
        for (const { hint } of [...this.#listeners]) hint();
        await this.#untilEnded(socket, { signal });
        this.#state = { mode: "poll", code: "events-disconnected" };
      } catch (error) {
        if (signal.aborted) return;
        this.#state = { mode: "poll", code: this.#codeOf(error) };
        // A server without a stream gets one only by an upgrade.
        if (!isSecretError(error, "UNAVAILABLE", "UNAUTHENTICATED")) longMs = longestPauseMs;
      }
      const upToMs = Math.max(longMs, Math.min(firstPauseMs * 2 ** Math.min(failures, 10), longestPauseMs));
      // The pause is aborted when the last subscription ends.
      await pause(clock, upToMs * (0.5 + random() / 2), signal).catch(() => undefined);
    }
  }

  /** Waits for the end of a stream. Closes it if a ping is not answered, since the connection may be lost without an error. */
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

  /** Returns the code of the state after an error, and warns about an error that persists. */
  #codeOf(error: unknown): string {
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
        // The path is undefined until the version of the mount is looked up; the event may concern it.
        if (named === undefined || named === changed) hint(path);
      }
  }
}

const connecting: SubscriptionState = { mode: "poll", code: "events-disconnected" };
const firstPauseMs = 1000;
const longestPauseMs = 300_000;
const pingMs = 30_000;

/**
 * Returns the path of the secret in an event, in the form of policies; undefined for any other message.
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
