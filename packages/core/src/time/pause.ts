import type { Clock } from "./clock.ts";
import { untilAborted } from "./until-aborted.ts";

/** How a pause treats the process. */
export interface PauseOptions {
  /** Whether the process must stay alive until it ends, because somebody waits for it. Default: false. */
  readonly keepsAlive?: boolean;
}

/** Waits on the given clock; an abort ends it with the signal's reason. */
export async function pause(
  clock: Clock,
  delayMs: number,
  signal: AbortSignal,
  { keepsAlive = false }: PauseOptions = {},
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(resolve, delayMs);
  timer.keepAlive(keepsAlive);
  try {
    await untilAborted(promise, signal);
  } finally {
    timer.cancel();
  }
}
