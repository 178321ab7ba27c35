import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { programPath } from "../programs/provided.ts";

/** path below the volume -> content and, unless it is 0644, mode */
export type VolumeFiles = Readonly<Record<string, { readonly content: string | Uint8Array; readonly mode?: number }>>;

/** The kubelet's own AtomicWriter over one directory, in a process of its own. */
export interface RealWriter {
  /**
   * Makes the volume hold these files and no others.
   * @throws with the writer's error
   */
  write(files: VolumeFiles): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one; the directory must be there. The caller stops it. */
export function startRealWriter(directory: string): RealWriter {
  const child = spawn(programPath("atomic-writer"), [directory], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = once(child, "close");
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async write(files) {
      child.stdin.write(`${JSON.stringify(toPayload(files))}\n`);
      const { value, done } = await answers.next();
      const problem: unknown = done === true ? "it has ended" : JSON.parse(value);
      if (problem !== null) throw new Error(`the writer failed: ${problem}`);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

function toPayload(files: VolumeFiles): unknown {
  return Object.fromEntries(
    Object.entries(files).map(([path, { content, mode = 0o644 }]) => [
      path,
      { Data: Buffer.from(content).toString("base64"), Mode: mode },
    ]),
  );
}
