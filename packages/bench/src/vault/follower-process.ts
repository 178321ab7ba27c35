import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FollowerMessage, FollowerSettings } from "../child/vault-follower.ts";

/** A contender that follows a secret of Vault in a process of its own. */
export interface FollowerProcess extends AsyncDisposable {
  /**
   * Resolves with the moment, in milliseconds of `sharedNow`, at which it had a value; undefined when it has not in time, or
   * has given up.
   */
  seen(value: string, timeoutMs: number): Promise<number | undefined>;
}

const script = fileURLToPath(new URL("../child/vault-follower.ts", import.meta.url));

/** Starts one; it ends with this process. */
export function startFollower(settings: FollowerSettings): FollowerProcess {
  const child = fork(script, [JSON.stringify(settings)], {
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const seen = new Map<string, number>();
  const ended = new AbortController();
  let wake = Promise.withResolvers<void>();
  child.on("message", ({ value, at }: FollowerMessage) => {
    seen.set(value, at);
    wake.resolve();
    wake = Promise.withResolvers();
  });
  child.once("exit", () => {
    ended.abort();
    wake.resolve();
  });
  return {
    async seen(value, timeoutMs) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const late = once(deadline, "abort");
      while (!seen.has(value) && !deadline.aborted && !ended.signal.aborted) await Promise.race([wake.promise, late]);
      return seen.get(value);
    },
    async [Symbol.asyncDispose]() {
      if (ended.signal.aborted) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
