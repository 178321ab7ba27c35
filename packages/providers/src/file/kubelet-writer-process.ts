import * as fs from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type AtomicReport, type VolumePayload, writeAtomically } from "./atomic-writer.ts";
import type { WriterAnswer, WriterFields, WriterRequest, WriterStep } from "./kubelet-writer.ts";

// The process behind `startKubeletWriter`.
const directory = process.argv[2] ?? ".";
let turn = Promise.resolve();

process.on("message", ({ id, steps }: WriterRequest) => {
  turn = turn.then(async () => process.send?.(await answer(id, steps))).then(() => undefined);
});

async function answer(id: number, steps: readonly WriterStep[]): Promise<WriterAnswer> {
  const reports: AtomicReport[] = [];
  try {
    for (const step of steps) {
      const report = perform(step);
      if (report !== undefined) reports.push(report);
      if (step.do === "pause") await setTimeout(step.ms);
    }
    return { id, reports };
  } catch (error) {
    return { id, reports, failure: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

function perform(step: WriterStep): AtomicReport | undefined {
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
