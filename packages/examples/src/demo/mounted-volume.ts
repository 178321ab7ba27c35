import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A directory that looks and changes like a mounted Kubernetes Secret. */
export interface MountedVolume extends AsyncDisposable {
  /** Publishes one version; resolves with the time right after the rename, in milliseconds since the epoch. */
  write(fields: Readonly<Record<string, string>>): Promise<number>;
}

interface WriterAnswer {
  readonly reports: readonly { readonly swappedAt: number }[];
  readonly failure?: string;
}

/** The double of the kubelet lies beside the adapter that it tests; it runs in a process of its own. */
const writerFile = fileURLToPath(new URL("./kubelet-writer-process.ts", import.meta.resolve("@tacit/providers/file")));

/** Starts the writer of one volume. The caller disposes of it. */
export function mountVolume(directory: string): MountedVolume {
  const child = fork(writerFile, [directory], { execArgv: [], serialization: "advanced" });
  const ended = once(child, "exit");
  let writes = 0;
  return {
    async write(fields) {
      const answered = once(child, "message") as Promise<[WriterAnswer]>;
      child.send({ id: ++writes, below: ".", steps: [{ do: "write", fields }] });
      const [answer] = await Promise.race([answered, ended.then(() => [{ reports: [], failure: "it ended" }])]);
      const [report] = answer?.reports ?? [];
      if (report === undefined) throw new Error(`the volume could not be written: ${answer?.failure}`);
      return report.swappedAt;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
