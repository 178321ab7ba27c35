import * as fs from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type AtomicReport, type VolumePayload, writeAtomically } from "./atomic-writer.ts";
import type { WriterAnswer, WriterFields, WriterRequest, WriterStep } from "./kubelet-writer.ts";

// The process behind `startKubeletWriter`.
const home = process.argv[2] ?? ".";
/** directory -> the end of what it has been asked for so far */
const turns = new Map<string, Promise<void>>();

process.on("message", ({ id, below, steps }: WriterRequest) => {
  const directory = join(home, below);
  const before = turns.get(directory) ?? Promise.resolve();
  const turn = before.then(async () => void process.send?.(await answer(id, directory, steps)));
  turns.set(directory, turn);
});

async function answer(id: number, directory: string, steps: readonly WriterStep[]): Promise<WriterAnswer> {
  const reports: AtomicReport[] = [];
  try {
    for (const step of steps) {
      const report = perform(directory, step);
      if (report !== undefined) reports.push(report);
      if (step.do === "pause") await setTimeout(step.ms);
    }
    return { id, reports };
  } catch (error) {
    return { id, reports, failure: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

function perform(directory: string, step: WriterStep): AtomicReport | undefined {
  switch (step.do) {
    case "write":
      fs.mkdirSync(directory, { recursive: true });
      return writeAtomically(directory, toPayload(step.fields), step);
    case "create":
      fs.mkdirSync(directory, { recursive: true });
      return undefined;
    case "remove":
      fs.rmSync(directory, { recursive: true, force: true });
      return undefined;
    case "unlink-data":
      fs.rmSync(join(directory, "..data"), { force: true });
      return undefined;
    case "clean":
      fs.rmSync(join(directory, "..data_tmp"), { force: true });
      return undefined;
    case "chmod":
      fs.chmodSync(step.path === undefined ? directory : join(directory, "..data", step.path), step.mode);
      return undefined;
    case "pause":
      return undefined;
  }
}

function toPayload(fields: WriterFields): VolumePayload {
  const payload = Object.create(null) as Record<string, Uint8Array>;
  for (const [path, content] of Object.entries(fields))
    payload[path] = typeof content === "string" ? Buffer.from(content) : content;
  return payload;
}
