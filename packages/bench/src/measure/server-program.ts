import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A program of the end-to-end tests that runs a server and takes orders. It ends the server when it is left alone. */
export interface ServerProgram<Ready> extends AsyncDisposable {
  /** What it told when its server was ready. */
  readonly ready: Ready;
  /** Resolves when the order is carried out. */
  order(order: string): Promise<void>;
}

type Answer = { readonly kind: "ready" | "done" | "failed" } | { readonly kind: "absent"; readonly reason: string };

/**
 * Starts one, which is not imported: nothing may import the package that it is part of.
 * @param title of the server, for errors
 * @throws with the reason where what it starts is not installed
 */
export async function openProgram<Ready>(path: string, title: string): Promise<ServerProgram<Ready>> {
  const child = fork(path, { execArgv: [] });
  try {
    const answer = await nextAnswer(child);
    if (answer.kind === "absent") throw new Error(answer.reason);
    if (answer.kind !== "ready") throw new Error(`${title} did not start`);
    return {
      ready: answer as Ready,
      async order(order) {
        child.send(order);
        if ((await nextAnswer(child)).kind !== "done") throw new Error(`${title} could not ${order}`);
      },
      [Symbol.asyncDispose]: () => end(child),
    };
  } catch (error) {
    await end(child);
    throw error;
  }
}

async function nextAnswer(child: ChildProcess): Promise<Answer> {
  const stop = new AbortController();
  const { signal } = stop;
  const ended = once(child, "exit", { signal }).then((): [Answer] => [{ kind: "failed" }]);
  const told = once(child, "message", { signal }) as Promise<[Answer]>;
  try {
    return (await Promise.race([told, ended]))[0];
  } finally {
    stop.abort();
    await Promise.allSettled([told, ended]);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  await exited;
}
