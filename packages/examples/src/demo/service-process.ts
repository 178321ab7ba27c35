import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A line of the service's log, as far as the demo reads it. */
export interface LogLine {
  readonly msg: string;
  readonly port: number;
  readonly provider: string;
  readonly version: string;
  /** Milliseconds since the epoch with fractions. */
  readonly heardAt: number;
}

/** The service, running in a process of its own. */
export interface ServiceProcess extends AsyncDisposable {
  /** Everything that it wrote so far, output and errors. */
  output(): string;
  /** Resolves with the line of that message that is the `count`-th; rejects if the process ends before. */
  line(message: string, count?: number): Promise<LogLine>;
  /** Asks it to end and resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a service file with these variables and no others but PATH. The caller disposes of it. */
export function startService(file: string, variables: Readonly<Record<string, string>>): ServiceProcess {
  const child = spawn(process.execPath, [...process.execArgv, file], {
    env: { PATH: process.env.PATH ?? "", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => written.push(text));
  const output = (): string => written.join("");
  const ended = once(child, "close").then(([code]) => code as number | null);
  const log = followLog(child.stdout, (text) => written.push(text, "\n"));
  void ended.then(
    (code) => log.end(new Error(`the service ended with exit code ${code}; its log is not shown, it may hold secrets`)),
    (error: Error) => log.end(error),
  );
  return {
    output,
    line: log.line,
    async stop() {
      child.kill("SIGTERM");
      return await ended;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await ended.catch(() => undefined);
    },
  };
}

/** Reads lines as they come and hands each to whoever waits for it. */
function followLog(stream: NodeJS.ReadableStream, note: (text: string) => void) {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  let failure: Error | undefined;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  createInterface({ input: stream }).on("line", (text) => {
    note(text);
    const line = parseLine(text);
    if (line === undefined) return;
    lines.push(line);
    wake();
  });
  return {
    line(message: string, count = 1): Promise<LogLine> {
      const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
      const look = (): void => {
        const found = lines.filter(({ msg }) => msg === message)[count - 1];
        if (found !== undefined) resolve(found);
        else if (failure !== undefined) reject(failure);
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
      return promise;
    },
    end(error: Error): void {
      failure = error;
      wake();
    },
  };
}

/** Answers are too many to be kept. */
function parseLine(text: string): LogLine | undefined {
  try {
    const line = JSON.parse(text) as LogLine;
    return line.msg === "answered" ? undefined : line;
  } catch {
    return undefined;
  }
}
