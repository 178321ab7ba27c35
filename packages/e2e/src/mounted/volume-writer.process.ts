import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pairOf } from "./pair.ts";

/** Writes one mounted Secret the way that the kubelet does: a new directory, one rename of `..data`, the old directory removed. */
const [volume = "", first = "1", last = "1", pauseMs = "0"] = process.argv.slice(2);

for (let generation = Number(first); generation <= Number(last); generation += 1) {
  writeGeneration(volume, generation);
  await sleep(Number(pauseMs));
}

function writeGeneration(folder: string, generation: number): void {
  const pair = pairOf(generation);
  const directory = `..generation_${generation}`;
  mkdirSync(join(folder, directory), { recursive: true });
  for (const [key, value] of Object.entries(pair)) writeFileSync(join(folder, directory, key), value, { mode: 0o644 });
  const before = currentDirectory(folder);
  symlinkSync(directory, join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  if (before === undefined) {
    for (const key of Object.keys(pair)) symlinkSync(join("..data", key), join(folder, key));
    return;
  }
  rmSync(join(folder, before), { recursive: true });
}

function currentDirectory(folder: string): string | undefined {
  try {
    return readlinkSync(join(folder, "..data"));
  } catch {
    return undefined;
  }
}
