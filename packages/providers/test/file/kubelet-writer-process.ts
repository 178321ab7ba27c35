import * as fs from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type AtomicReport, type VolumePayload, writeAtomically } from "./atomic-writer.ts";
import type { WriterFields, WriterStep } from "./kubelet-writer.ts";
import { answerSteps } from "./writer-turns.ts";

// The process behind `startKubeletWriter`.
answerSteps<WriterStep, AtomicReport>(perform);

function perform(directory: string, step: WriterStep): AtomicReport | undefined | Promise<undefined> {
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
    case "remove-plain":
      for (const entry of fs.readdirSync(directory, { withFileTypes: true }))
        if (entry.isFile()) fs.rmSync(join(directory, entry.name));
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
      return setTimeout(step.ms, undefined);
  }
}

function toPayload(fields: WriterFields): VolumePayload {
  const payload = Object.create(null) as Record<string, Uint8Array>;
  for (const [path, content] of Object.entries(fields))
    payload[path] = typeof content === "string" ? Buffer.from(content) : content;
  return payload;
}
