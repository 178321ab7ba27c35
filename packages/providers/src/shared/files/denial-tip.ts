import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { type FileSystem, lookAt } from "./file-system.ts";

/**
 * Explains a denial by owner and mode: of the file, or of the nearest directory above it that may not be entered, and says which
 * setting of the pod lets this process read.
 */
export function denialTip(fileSystem: FileSystem, file: string): string | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  let isEntry = true;
  for (let at = file; ; at = dirname(at), isEntry = false) {
    const stats = statsOf(fileSystem, at);
    if (stats === undefined && dirname(at) !== at) continue;
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) return isOpen(stats, user, isEntry) ? undefined : closedTip(at, stats, user);
    return stats.uid === user || (stats.mode & 0o004) !== 0 ? undefined : fileTip(stats, user);
  }
}

/** Says why a directory may not be entered. */
export function closedTip(directory: string, stats: Stats, user: number | undefined = process.getuid?.()): string {
  return `The directory "${directory}" has mode ${modeOf(stats)} and belongs to user ${stats.uid}, group ${stats.gid}, while this process is user ${user}: give it the right to enter (x) and list (r) the directory.`;
}

function fileTip(stats: Stats, user: number): string {
  return `It has mode ${modeOf(stats)} and belongs to user ${stats.uid}, group ${stats.gid}, while this process is user ${user}: set securityContext.fsGroup of the pod, or defaultMode: 0444 of the volume.`;
}

/** Groups are left out: membership is not known here, so a directory that a group may enter is not blamed. To list is another right. */
function isOpen({ uid, mode }: Stats, user: number, isListed: boolean): boolean {
  const [enter, list] = uid === user ? [0o100, 0o400] : [0o011, 0o044];
  return (mode & enter) !== 0 && (!isListed || (mode & list) !== 0);
}

function modeOf(stats: Stats): string {
  return (stats.mode & 0o777).toString(8).padStart(4, "0");
}

function statsOf(fileSystem: FileSystem, file: string): Stats | undefined {
  try {
    return lookAt(fileSystem, file);
  } catch {
    return undefined;
  }
}
