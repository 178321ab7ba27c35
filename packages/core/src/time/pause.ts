import type { Clock } from "./clock.ts";
import { untilAborted } from "./until-aborted.ts";

/** The options of a pause. */
export interface PauseOptions {
  /** Whether the pause keeps the process alive. Default: false. */
  readonly keepsAlive?: boolean;
}

/** Waits for a time of the given clock. @throws the reason of the signal if it aborts */
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
