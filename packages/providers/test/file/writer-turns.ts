import { join } from "node:path";
import type { WriterAnswer, WriterRequest } from "./writer-process.ts";

/** The other end of `startWriterProcess`: performs the steps for each directory one after the other, until nobody is connected. */
export function answerSteps<Step, Report>(
  perform: (directory: string, step: Step) => Report | undefined | Promise<Report | undefined>,
): void {
  const home = process.argv[2] ?? ".";
  /** directory -> the end of what it has been asked for so far */
  const turns = new Map<string, Promise<void>>();
  const answer = async ({ id, steps }: WriterRequest<Step>, directory: string): Promise<WriterAnswer<Report>> => {
    const reports: Report[] = [];
    try {
      for (const step of steps) {
        const done = perform(directory, step);
        // Awaiting what is there already would let others in between two steps.
        const report = done instanceof Promise ? await done : done;
        if (report !== undefined) reports.push(report);
      }
      return { id, reports };
    } catch (error) {
      return { id, reports, failure: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
  };
  process.on("message", (request: WriterRequest<Step>) => {
    const directory = join(home, request.below);
    const before = turns.get(directory) ?? Promise.resolve();
    turns.set(
      directory,
      before.then(async () => void process.send?.(await answer(request, directory))),
    );
  });
}
