import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { RenderedFiles } from "./consul-template.ts";

/** The writer double of the unit tests: a program of another package, so it is started and not imported. */
const program = join(import.meta.dirname, "../../../providers/test/file/rename-writer-process.ts");

/** The double over one directory. Templates are taken for what they render. */
export interface DoubleRenderer extends AsyncDisposable {
  /** @throws with the errno of the step that failed */
  render(files: RenderedFiles): Promise<void>;
}

/** Starts one. The caller disposes of it. */
export function startDoubleRenderer(directory: string): DoubleRenderer {
  const child = fork(program, [directory], { execArgv: [], serialization: "advanced", stdio: "ignore" });
  const ended = once(child, "exit");
  return {
    async render(files) {
      const steps = Object.entries(files).map(([name, { template, mode, backup }]) => ({
        do: "write",
        style: "consul-template",
        name,
        content: template,
        ...(backup === undefined ? {} : { backup }),
        ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
      }));
      child.send({ id: 1, below: ".", steps });
      const [{ failure }] = (await once(child, "message")) as [{ readonly failure?: string }];
      if (failure !== undefined) throw new Error(`the writer failed: ${failure}`);
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}
