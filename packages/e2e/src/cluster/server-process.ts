import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A server in a process of its own. */
export interface ServerProcess {
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** The end of what it has logged. */
  log(): string;
  /** Asks it to end and waits; one that does not is killed after 3 s. An API server lets watches go on for a minute. */
  stop(): Promise<void>;
  /** Ends it at once, as a power cut does, and waits. */
  kill(): Promise<void>;
  /** For what a program does when it is told so. */
  signal(name: NodeJS.Signals): void;
  /** Freezes it: connections stay open, nothing is answered. Resolves when every thread of it has stopped. */
  pause(): Promise<void>;
  resume(): void;
}

/**
 * Starts a program that keeps its log in a folder and is noted there while it runs.
 * @param variables beside those of this process
 * @throws when the program cannot be started
 */
export function startServer(
  program: string,
  commandLine: readonly string[],
  folder: string,
  variables: Readonly<Record<string, string>> = {},
): ServerProcess {
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, "log");
  const output = openSync(logFile, "a");
  const env = { ...process.env, ...variables };
  const child = spawn(program, commandLine, { cwd: folder, env, stdio: ["ignore", output, output] });
  closeSync(output);
  const { pid } = child;
  // Said by the missing number below; an event that nobody hears would end the test process.
  child.once("error", () => undefined);
  if (pid === undefined) throw new Error(`cannot start ${program}`);
  const note = join(folder, `${pid}.pid`);
  writeFileSync(note, "");
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      rmSync(note, { force: true });
      resolve();
    });
  });
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return {
    ended,
    log: () => readFileSync(logFile, "utf8").slice(-4000),
    async stop() {
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      const timer = setTimeout(() => void child.kill("SIGKILL"), 3000);
      await ended;
      clearTimeout(timer);
    },
    kill,
    signal: (name) => void child.kill(name),
    async pause() {
      child.kill("SIGSTOP");
      // On a busy machine a thread that runs elsewhere goes on for some milliseconds, which is enough for an answer.
      while (!hasStopped(pid)) await sleep(5);
    },
    resume: () => void child.kill("SIGCONT"),
  };
}

/** Whether no thread of a process runs: each is stopped, or the process has ended. Told by Linux alone. */
function hasStopped(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  try {
    // What is in brackets is a name, which may hold anything.
    return readdirSync(tasks).every((task) =>
      /^\d+ \(.*\) [TtZX] /s.test(readFileSync(`${tasks}/${task}/stat`, "utf8")),
    );
  } catch {
    return true;
  }
}

/** Kills the servers that are noted below a folder: those of a test process that could not end them itself. */
export function endLeftovers(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const pid = Number(/(\d+)\.pid$/.exec(name)?.[1]);
    if (pid > 0 && isStarted(pid, folder)) process.kill(pid, "SIGKILL");
  }
}

/** A number is given to another process one day; only one that works below the folder is ours. */
function isStarted(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
}
