import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A directory that looks and changes like a mounted Kubernetes Secret. */
export interface MountedVolume extends AsyncDisposable {
  /** Publishes one version. */
  write(fields: Readonly<Record<string, string>>): Promise<WriteReport>;
}

/** What a write did. */
export interface WriteReport {
  /** Right after the rename that publishes it, milliseconds since the epoch with fractions. */
  readonly swappedAt: number;
}

interface WriterAnswer {
  readonly reports: readonly WriteReport[];
  readonly failure?: string;
}

/** The double of the kubelet lies beside the adapter that it tests, and is not published: it is started, not imported. */
const writerFile = fileURLToPath(
  new URL("../../test/file/kubelet-writer-process.ts", import.meta.resolve("@tacit/providers/file")),
);

/** Starts a process that writes one volume. The caller disposes of it. */
export function mountVolume(directory: string): MountedVolume {
  const child = fork(writerFile, [directory], {
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const ended = once(child, "exit");
  const failed = ended.then((): [WriterAnswer] => [{ reports: [], failure: "it ended" }]);
  let writes = 0;
  return {
    async write(fields) {
      const answered = once(child, "message") as Promise<[WriterAnswer]>;
      child.send({ id: ++writes, below: ".", steps: [{ do: "write", fields }] });
      const [{ reports, failure }] = await Promise.race([answered, failed]);
      const [report] = reports;
      if (report === undefined) throw new Error(`the volume could not be written: ${failure}`);
      return report;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
