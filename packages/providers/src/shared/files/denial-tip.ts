import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { type FileSystem, lookAt } from "./file-system.ts";

/**
 * Returns a tip with the owner and mode of the file, or of the nearest directory above it that may not be entered, and the setting
 * of the pod that allows the read; undefined if they do not explain the denial.
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

/** Returns the tip for a directory that this process may not enter or list. */
export function closedTip(directory: string, stats: Stats, user: number | undefined = process.getuid?.()): string {
  return `The directory "${directory}" has mode ${modeOf(stats)} and belongs to user ${stats.uid}, group ${stats.gid}, while this process is user ${user}: give it the right to enter (x) and list (r) the directory.`;
}

function fileTip(stats: Stats, user: number): string {
  return `It has mode ${modeOf(stats)} and belongs to user ${stats.uid}, group ${stats.gid}, while this process is user ${user}: set securityContext.fsGroup of the pod, or defaultMode: 0444 of the volume.`;
}

/** Returns whether a directory may be entered, and listed if necessary. Group membership is unknown here, so the rights of the group count as granted. */
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
