import type { Server } from "node:http";
import { constants } from "node:os";
import { type Clock, type Duration, systemClock, toMilliseconds } from "@tacit/core";
import { checkArgument, checkOptions, optionRules } from "@tacit/core/provider";
import { Connections } from "./connections.ts";

/** The part of a client that is closed last. */
export interface Closable {
  /** Ends it. */
  close(): Promise<void>;
}

/** How a service ends. */
export interface GracefulCloseOptions {
  /** How long requests in progress may take before their connections are cut; default "10s". */
  readonly timeout?: Duration;
  /** Signals that close, such as `["SIGTERM", "SIGINT"]`; default: none. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Default: this machine's clock. */
  readonly clock?: Clock;
}

const longestTimerMs = 2 ** 31 - 1;

/**
 * Prepares the shutdown of a service; call it before `listen` or right after it, because it tracks connections from then on.
 * The returned function accepts no new connection, lets requests in progress finish for at most `timeout`, and then closes the
 * client (at most 5 s). Each call returns the same promise.
 *
 * It does not end the process, which ends when nothing keeps it alive. A repeated signal has no effect.
 * @throws {SecretError} INVALID_CONFIG, reason `option`, for an option that does not exist or has the wrong type
 */
export function gracefulClose(
  server: Server,
  secrets: Closable,
  options: GracefulCloseOptions = {},
): () => Promise<void> {
  checkArgument("gracefulClose", "server", server, isServer);
  checkArgument("gracefulClose", "secrets", secrets, optionRules.methods("close"));
  checkOptions("gracefulClose", options, { timeout: optionRules.any, signals: areSignals, clock: optionRules.clock });
  const { timeout = "10s", signals = [], clock = systemClock } = options;
  const timeoutMs = toMilliseconds(timeout, "`timeout` of gracefulClose", { zero: true });
  const connections = new Connections(server);
  const onSignal = (): void => void close();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= drain(connections, clock, timeoutMs)
      .then(() => secrets.close())
      .finally(() => {
        for (const signal of signals) process.off(signal, onSignal);
      });
    return closing;
  };
  for (const signal of signals) process.on(signal, onSignal);
  return close;
}

/** An application of Express is no server: its `listen()` makes one. */
function isServer(value: unknown): string | undefined {
  const isOne = optionRules.methods("on", "prependListener", "closeAllConnections")(value) === undefined;
  return isOne ? undefined : "must be a server of node:http, as `listen()` returns it";
}

function areSignals(value: unknown): string | undefined {
  const areKnown = Array.isArray(value) && value.every((signal) => Object.hasOwn(constants.signals, signal));
  return areKnown ? undefined : 'must be a list of signals, such as ["SIGTERM"]';
}

/** Never takes longer than it is given, also if a connection is not known here. */
async function drain(connections: Connections, clock: Clock, timeoutMs: number): Promise<void> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(resolve, Math.min(timeoutMs, longestTimerMs));
  timer.keepAlive(true);
  await Promise.race([connections.drain(), ended]);
  timer.cancel();
  connections.cut();
}
