import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Key -> text. */
export type VolumeFiles = Readonly<Record<string, string>>;

/** A new folder in memory where the system has such, as a mounted Secret is; it goes when the process ends. */
export function temporaryRoot(): string {
  const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tacit-bench-"));
  process.setMaxListeners(0).once("exit", () => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** The keys of a credential that only makes sense as a whole. */
export const pairKeys: readonly string[] = ["username", "password"];

/** The files of one generation: each value names it, so a reader can tell which one it got. */
export function filesOf(keys: readonly string[], generation: number, changed: number = keys.length): VolumeFiles {
  return Object.fromEntries(keys.map((key, index) => [key, `${key}-${index < changed ? generation : 0}`]));
}

/** Lays out a Secret volume as the kubelet does: `key -> ..data/key`, `..data -> ..generation`. */
export function createVolume(directory: string, files: VolumeFiles): void {
  mkdirSync(directory, { recursive: true });
  writeGeneration(directory, "..0", files);
  symlinkSync("..0", join(directory, "..data"));
  for (const key of Object.keys(files)) symlinkSync(join("..data", key), join(directory, key));
}

/**
 * Replaces all keys at once: a new generation, then a rename over `..data`, then the old generation goes.
 * @returns the moment just before the rename, in nanoseconds of the clock that all processes share
 */
export function swapVolume(directory: string, generation: number, files: VolumeFiles): bigint {
  const data = join(directory, "..data");
  const temporary = join(directory, "..data_tmp");
  const old = readlinkSync(data);
  writeGeneration(directory, `..${generation}`, files);
  symlinkSync(`..${generation}`, temporary);
  const moment = process.hrtime.bigint();
  renameSync(temporary, data);
  rmSync(join(directory, old), { recursive: true, force: true });
  return moment;
}

function writeGeneration(directory: string, name: string, files: VolumeFiles): void {
  mkdirSync(join(directory, name));
  for (const [key, text] of Object.entries(files)) writeFileSync(join(directory, name, key), text);
}
