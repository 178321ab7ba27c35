import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { StartFigures, WatcherMessage, WatcherSettings } from "../child/secret-watcher.ts";
import { strippedScript } from "../measure/stripped.ts";
import type { Pod } from "./pod.ts";

/** A contender that watches Secrets in a pod of its own. */
export interface WatcherProcess extends AsyncDisposable {
  /** What its start cost. */
  readonly figures: StartFigures;
  /** Resolves with the moment, in milliseconds of `sharedNow`, at which it told a value; undefined when it has not in time. */
  seen(name: string, value: string, timeoutMs: number): Promise<number | undefined>;
}

const source = fileURLToPath(new URL("../child/secret-watcher.ts", import.meta.url));
/** Written once: a process that starts must not read half of it. */
let script: string | undefined;
const startTimeoutMs = 60_000;

/**
 * Starts one; resolves when its watches stand and it has read the first value of each Secret.
 * @throws when it ends before that, or takes a minute
 */
export async function startWatcher(pod: Pod, settings: WatcherSettings): Promise<WatcherProcess> {
  script ??= strippedScript(source);
  const [program = "", ...rest] = [...pod.launcher, process.execPath, "--expose-gc", script, JSON.stringify(settings)];
  const child = spawn(program, rest, {
    env: { PATH: process.env.PATH ?? "", ...pod.variables },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const seen = new Map<string, number>();
  const started = Promise.withResolvers<StartFigures>();
  let wake = Promise.withResolvers<void>();
  child.on("message", (message: WatcherMessage) => {
    if (message.kind === "started") return started.resolve(message.figures);
    seen.set(keyOf(message.name, message.value), message.at);
    wake.resolve();
    wake = Promise.withResolvers();
  });
  child.once("exit", () => started.reject(new Error(`${settings.contender} ended before it watched`)));
  const timeout = setTimeout(() => started.reject(new Error("its watches did not stand in time")), startTimeoutMs);
  try {
    return {
      figures: await started.promise,
      async seen(name, value, timeoutMs) {
        const key = keyOf(name, value);
        const deadline = AbortSignal.timeout(timeoutMs);
        const late = once(deadline, "abort");
        while (!seen.has(key) && !deadline.aborted) await Promise.race([wake.promise, late]);
        return seen.get(key);
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  } finally {
    clearTimeout(timeout);
  }
}

function keyOf(name: string, value: string): string {
  return `${name}=${value}`;
}
