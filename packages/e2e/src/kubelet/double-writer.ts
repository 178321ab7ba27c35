import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { VolumeFiles } from "./real-writer.ts";

/** The writer double of the unit tests: a program of another package, so it is started and not imported. */
const program = join(import.meta.dirname, "../../../providers/test/file/kubelet-writer-process.ts");

/** The double over one directory. */
export interface DoubleWriter {
  /** @throws with the errno of the step that failed */
  write(files: VolumeFiles): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one. The caller stops it. */
export function startDoubleWriter(directory: string): DoubleWriter {
  const child = fork(program, [directory], { execArgv: [], serialization: "advanced", stdio: "ignore" });
  const ended = once(child, "exit");
  return {
    async write(files) {
      const contents = Object.entries(files).map(([path, { content }]) => [path, content] as const);
      const modes = Object.entries(files).map(([path, { mode = 0o644 }]) => [path, mode] as const);
      const step = { do: "write", fields: Object.fromEntries(contents), modes: Object.fromEntries(modes) };
      child.send({ id: 1, below: ".", steps: [step] });
      const [{ failure }] = (await once(child, "message")) as [{ readonly failure?: string }];
      if (failure !== undefined) throw new Error(`the writer failed: ${failure}`);
    },
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
