import type { FileSystem } from "./file-system.ts";

/**
 * Whether a file is the root of a mount of its own, as `subPath` and Docker make it: it stays the inode that it was at
 * the start, whatever happens to the Secret (kubernetes#50345). Always false where there is no /proc.
 */
export function isOwnMount(fileSystem: FileSystem, file: string): boolean {
  try {
    const real = fileSystem.realpathSync(file);
    const mounts = fileSystem.readFileSync("/proc/self/mountinfo", "utf8");
    return mounts.split("\n").some((line) => unescaped(line.split(" ")[4] ?? "") === real);
  } catch {
    return false;
  }
}

/** The advice for such a file. */
export const staticMountTip: string =
  "A file that is mounted as a single file (subPath, Docker) never changes: mount the whole volume as a directory, or restart to rotate.";

/** Spaces and the like are written as octal numbers (proc_pid_mountinfo(5)). */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_match, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
