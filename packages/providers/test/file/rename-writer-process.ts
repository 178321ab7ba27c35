import { randomBytes, randomInt } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { RenameReport, RenameStep, RenameWrite } from "./rename-writer.ts";
import { answerSteps } from "./writer-turns.ts";

// The process behind `startRenameWriter`.
answerSteps<RenameStep, RenameReport>(perform);

function perform(directory: string, step: RenameStep): RenameReport | undefined | Promise<undefined> {
  const file = (name: string | undefined): string => (name === undefined ? directory : join(directory, name));
  switch (step.do) {
    case "write":
      fs.mkdirSync(dirname(file(step.name)), { recursive: true });
      return write(file(step.name), Buffer.from(step.content as string), step);
    case "create":
      fs.mkdirSync(directory, { recursive: true });
      return undefined;
    case "remove":
      fs.rmSync(file(step.name), { recursive: true, force: true });
      return undefined;
    case "move-away":
      fs.renameSync(directory, `${directory}-away`);
      return undefined;
    case "move-back":
      fs.renameSync(`${directory}-away`, directory);
      return undefined;
    case "chmod":
      fs.chmodSync(file(step.name), step.mode);
      return undefined;
    case "pause":
      return setTimeout(step.ms, undefined);
  }
}

function write(file: string, content: Uint8Array, step: RenameWrite): RenameReport {
  if (step.style === "in-place") return writeInPlace(file, content, step);
  const old = contentOf(file);
  // consul-template compares before it writes; the others do not.
  if (step.style === "consul-template" && old?.equals(content) === true) return { written: false };
  const temporary = temporaryName(file, step);
  const isHalf = step.crashAfter === "half";
  // os.CreateTemp of Go: O_RDWR | O_CREATE | O_EXCL, 0600
  const descriptor = fs.openSync(temporary, "wx+", 0o600);
  fs.writeSync(descriptor, isHalf ? content.subarray(0, Math.ceil(content.length / 2)) : content);
  if (step.style === "consul-template") fs.fsyncSync(descriptor);
  fs.closeSync(descriptor);
  if (isHalf) return { written: false };
  fs.chmodSync(temporary, step.mode ?? (old === undefined ? 0o644 : fs.statSync(file).mode & 0o777));
  if (step.crashAfter === "temporary") return { written: false };
  if (step.backup === true && old !== undefined) keep(file);
  if (step.crashAfter === "backup") return { written: false };
  fs.renameSync(temporary, file);
  return { written: true };
}

function temporaryName(file: string, { style }: RenameWrite): string {
  const digits = String(randomInt(2 ** 32));
  if (style === "consul-template") return join(dirname(file), digits);
  return style === "aws-csi" ? `${file}${digits}` : `${file}.tmp.${randomBytes(4).toString("hex")}`;
}

function keep(file: string): void {
  const old = `${file}.old.bak`;
  if (fs.existsSync(`${file}.bak`)) fs.renameSync(`${file}.bak`, old);
  fs.linkSync(file, `${file}.bak`);
  fs.rmSync(old, { force: true });
}

function writeInPlace(file: string, content: Uint8Array, step: RenameWrite): RenameReport {
  const descriptor = fs.openSync(file, "w", step.mode ?? 0o644);
  const half = Math.ceil(content.length / 2);
  fs.writeSync(descriptor, content.subarray(0, half));
  if (step.crashAfter !== "half") fs.writeSync(descriptor, content.subarray(half));
  fs.closeSync(descriptor);
  return { written: step.crashAfter !== "half" };
}

function contentOf(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}
