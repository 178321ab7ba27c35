import type { Stats } from "node:fs";
import type { FileSystem } from "./file-system.ts";

/** Says which setting of the pod lets this process read a file, where its owner and mode explain a denial. */
export function denialTip(fileSystem: FileSystem, file: string): string | undefined {
  let stats: Stats | undefined;
  try {
    stats = fileSystem.lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
  const user = process.getuid?.();
  if (stats === undefined || user === undefined || stats.uid === user || (stats.mode & 0o004) !== 0) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  return `It has mode ${mode} and belongs to user ${stats.uid}, group ${stats.gid}, while this process is user ${user}: set securityContext.fsGroup of the pod, or defaultMode: 0444 of the volume.`;
}
