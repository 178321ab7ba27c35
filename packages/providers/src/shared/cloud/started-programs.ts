import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { constants } from "node:os";
import { inGroup, killGroup } from "../process-group.ts";

/** The programs that an SDK has started for one call. */
export interface StartedPrograms {
  /** Kills those that still run, and later ones as soon as they are started. */
  kill(): void;
}

/**
 * Runs a call of an SDK that may start programs, such as `credential_process` of AWS: the SDKs give them no limit, or kill only the shell.
 * Does nothing on runtimes that do not publish their child processes.
 */
export function runStarting<T>(call: () => Promise<T>): {
  readonly result: Promise<T>;
  readonly programs: StartedPrograms;
} {
  const own = new AsyncLocalStorage<true>();
  const children = new Set<ChildProcess>();
  let isOver = false;
  const onCreated = (message: unknown): void => {
    const { process: child } = message as { readonly process: ChildProcess };
    if (own.getStore() !== true) return;
    startInGroup(child);
    tellSignalsAsCodes(child);
    children.add(child);
    child.once("spawn", () => {
      if (isOver) killGroup(child);
    });
    child.once("close", () => children.delete(child));
  };
  subscribe(channel, onCreated);
  const result = own.run(true, call).finally(() => unsubscribe(channel, onCreated));
  return {
    result,
    programs: {
      kill() {
        isOver = true;
        for (const child of children) killGroup(child);
      },
    },
  };
}

/** Node publishes each child process here before it starts it. @see https://nodejs.org/api/diagnostics_channel.html#child-process */
const channel = "child_process";

/** The SDK chooses the options of its programs: the method that starts one is the only place to add a group. */
function startInGroup(child: ChildProcess): void {
  const starting = child as ChildProcess & { spawn?(options: SpawnOptions): unknown };
  const start = starting.spawn;
  if (typeof start === "function") starting.spawn = (options) => start.call(child, { ...options, ...inGroup });
}

/**
 * Reports a program that a signal has ended with the exit code that a shell gives it. google-auth-library expects a code, and without one it
 * throws where nobody catches, also if the system killed the program.
 */
function tellSignalsAsCodes(child: ChildProcess): void {
  const emit = child.emit.bind(child) as (event: string, ...values: unknown[]) => boolean;
  child.emit = (event: string, ...values: unknown[]): boolean => {
    const [code, signal] = values;
    const isSignal = (event === "exit" || event === "close") && code === null && typeof signal === "string";
    return isSignal
      ? emit(event, 128 + (constants.signals[signal as NodeJS.Signals] ?? 0), signal)
      : emit(event, ...values);
  };
}
