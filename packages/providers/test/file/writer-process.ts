import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A process that does steps to directories below its own, as one writer of files would. */
export interface WriterProcess<Step, Report> {
  /**
   * Runs steps back to back, without a pause between them; the reports of its writes. Steps for directories of their own
   * `below` the writer's run side by side: while one pauses, another goes on. Rejects with the errno of the step that failed.
   */
  run(steps: readonly Step[], below?: string): Promise<readonly Report[]>;
  /** Ends the process; the directory stays. */
  stop(): Promise<void>;
}

/** What goes to the process. */
export interface WriterRequest<Step> {
  readonly id: number;
  /** Which directory; `.` is the writer's own. */
  readonly below: string;
  readonly steps: readonly Step[];
}

/** What comes back: reports, or the errno of the step that failed. */
export interface WriterAnswer<Report> {
  readonly id: number;
  readonly reports: readonly Report[];
  readonly failure?: string;
}

/** Starts a program that answers by `answerSteps`, and waits until it does. The caller stops it. */
export async function startWriterProcess<Step, Report>(
  program: URL,
  directory: string,
): Promise<WriterProcess<Step, Report>> {
  const child = fork(fileURLToPath(program), [directory], {
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  /** number of a request -> who waits for it */
  const waiting = new Map<number, PromiseWithResolvers<readonly Report[]>>();
  child.on("message", ({ id, reports, failure }: WriterAnswer<Report>) => {
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) waiter?.resolve(reports);
    else waiter?.reject(Object.assign(new Error(`the writer failed: ${failure}`), { code: failure }));
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void ended.then(() => waiting.forEach(({ reject }) => void reject(new Error("the writer has ended"))));
  let requests = 0;
  const run = (steps: readonly Step[], below = "."): Promise<readonly Report[]> => {
    const waiter = Promise.withResolvers<readonly Report[]>();
    waiting.set(++requests, waiter);
    const request: WriterRequest<Step> = { id: requests, below, steps };
    child.send(request);
    return waiter.promise;
  };
  await run([]);
  return {
    run,
    async stop() {
      // Its end is the writer's: it exits when nobody can tell it anything any more.
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
