import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { AtomicReport, AtomicWrite } from "./atomic-writer.ts";

/** Field values of a volume; text is written as UTF-8. */
export type WriterFields = Readonly<Record<string, string | Uint8Array>>;

/** One thing that the writer does to its directory. */
export type WriterStep =
  | ({ readonly do: "write"; readonly fields: WriterFields } & AtomicWrite)
  /** Makes the directory. */
  | { readonly do: "create" }
  /** `rm -rf` of the directory. */
  | { readonly do: "remove" }
  /** Takes `..data` away; the next write makes a new one. */
  | { readonly do: "unlink-data" }
  /** Removes what a killed writer left, so that the next one can write. */
  | { readonly do: "clean" }
  /** Of the directory itself, or of a path below the published tree. */
  | { readonly do: "chmod"; readonly mode: number; readonly path?: string }
  | { readonly do: "pause"; readonly ms: number };

export type { AtomicReport, AtomicStep, AtomicWrite } from "./atomic-writer.ts";

/** A process that writes a volume as the kubelet does. */
export interface KubeletWriter extends AsyncDisposable {
  readonly directory: string;
  /** Writes one payload. Rejects where the kubelet's write fails, for example on a left-over `..data_tmp`. */
  write(fields: WriterFields, write?: AtomicWrite): Promise<AtomicReport>;
  /**
   * Runs steps back to back, without a pause between them; the reports of its writes. Steps for directories of their own
   * `below` the writer's run side by side: while one pauses, another goes on.
   */
  run(steps: readonly WriterStep[], below?: string): Promise<readonly AtomicReport[]>;
  /** Ends the process; the directory stays. */
  stop(): Promise<void>;
}

/** Starts a writer for a directory, which it makes at the first write. The caller stops it. */
export async function startKubeletWriter(directory: string): Promise<KubeletWriter> {
  const child = fork(fileURLToPath(new URL("./kubelet-writer-process.ts", import.meta.url)), [directory], {
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  /** number of a request -> who waits for it */
  const waiting = new Map<number, PromiseWithResolvers<readonly AtomicReport[]>>();
  child.on("message", ({ id, reports, failure }: WriterAnswer) => {
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) waiter?.resolve(reports);
    else waiter?.reject(Object.assign(new Error(`the writer failed: ${failure}`), { code: failure }));
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void ended.then(() => waiting.forEach(({ reject }) => void reject(new Error("the writer has ended"))));
  let requests = 0;
  const run = (steps: readonly WriterStep[], below = "."): Promise<readonly AtomicReport[]> => {
    const waiter = Promise.withResolvers<readonly AtomicReport[]>();
    waiting.set(++requests, waiter);
    child.send({ id: requests, below, steps } satisfies WriterRequest);
    return waiter.promise;
  };
  const stop = async (): Promise<void> => {
    disconnect(child);
    await ended;
  };
  await run([]);
  return {
    directory,
    run,
    async write(fields, write = {}) {
      const [report] = await run([{ do: "write", fields, ...write }]);
      if (report === undefined) throw new Error("the writer gave no report");
      return report;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What goes to the process. */
export interface WriterRequest {
  readonly id: number;
  /** Which directory; `.` is the writer's own. */
  readonly below: string;
  readonly steps: readonly WriterStep[];
}

/** What comes back: reports, or the errno of the step that failed. */
export interface WriterAnswer {
  readonly id: number;
  readonly reports: readonly AtomicReport[];
  readonly failure?: string;
}

/** Its end is the writer's: it exits when nobody can tell it anything any more. */
function disconnect(child: ChildProcess): void {
  if (child.connected) child.disconnect();
}
